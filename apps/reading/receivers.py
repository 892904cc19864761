"""What reading does when a lower app tells it something."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest

from apps.accounts.models import Department, User
from apps.accounts.news import membership_ended
from apps.core.push import end_sockets
from apps.detection.models import AnalysisRun
from apps.detection.signals import lane_reported, run_changed
from apps.imaging.models import Image, ItemStatus, UploadItem
from apps.imaging.signals import image_registered, item_settled
from apps.reading.services.cases import (
    add_image_to_case,
    follow_analysis,
    follow_lane,
)
from apps.reading.services.late_images import want_read_of_late_image
from apps.reading.services.leavers import end_claims_of
from apps.reading.services.notifications import tell_of_upload


@receiver(image_registered)
def open_case_for_image(image: Image, actor: User | None, **_: Any) -> None:
    """Open the study's case, or add the image to it."""
    case = add_image_to_case(image=image, actor=actor)
    want_read_of_late_image(case=case, actor=actor)


@receiver(run_changed)
def follow_run(run: AnalysisRun, **_: Any) -> None:
    """Bring the case up to date when a run was created or ended."""
    follow_analysis(run=run)


@receiver(lane_reported)
def follow_reported_lane(run: AnalysisRun, **_: Any) -> None:
    """Count one more lane."""
    follow_lane(run=run)


@receiver(item_settled)
def follow_item(item: UploadItem, **_: Any) -> None:
    """Tell who sent the upload, once the file's end is committed."""
    is_quarantined = item.status == ItemStatus.QUARANTINED
    transaction.on_commit(
        partial(tell_of_upload, upload_id=item.upload_id, is_quarantined=is_quarantined)
    )


@receiver(membership_ended)
def end_claims_of_leaver(
    department: Department, person: User, actor: User, **_: Any
) -> None:
    """End what somebody holds in a department that they were removed from."""
    end_claims_of(department=department, person=person, actor=actor)


@receiver(user_logged_out)
def close_sockets(request: HttpRequest, **_: Any) -> None:
    """Let no news come to a browser whose person has signed out."""
    if request.session.session_key is not None:
        end_sockets(request.session.session_key)
