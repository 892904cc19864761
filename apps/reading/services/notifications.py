"""Telling a person of something: one line under their bell, and a hint to their pages.

A line holds ids and counts. Whoever calls this has made sure that the person may know.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from apps.accounts.models import Role, User
from apps.core.push import NotificationChanged, push
from apps.imaging.models import PENDING_STATUSES, ItemStatus, Upload, UploadItem
from apps.reading.asking_models import Question
from apps.reading.models import Case
from apps.reading.notification_models import Notification, NotificationKind
from apps.reading.notification_selectors import notifications_of

# Of each person; older ones go.
KEPT = 100


@transaction.atomic
def tell_assigned(
    *, person: User, actor: User, site_id: uuid.UUID, case_ids: Sequence[uuid.UUID]
) -> None:
    """Tell that cases were given to a person, at least one."""
    _tell(
        Notification(
            user=person,
            site_id=site_id,
            kind=NotificationKind.ASSIGNED,
            actor=actor,
            case_id=case_ids[0],
            cases=[str(pk) for pk in case_ids],
            count=len(case_ids),
        )
    )


@transaction.atomic
def take_back_assigned(*, person: User, case_ids: Iterable[uuid.UUID]) -> None:
    """Tell no longer that these cases were given to a person: they were taken away.

    A line about others as well tells of those; one that tells of nothing goes.
    """
    gone = {str(pk) for pk in case_ids}
    told = Notification.objects.filter(user=person, kind=NotificationKind.ASSIGNED)
    # In Python: SQLite cannot ask what a list holds. A person has KEPT lines at most.
    for line in told.order_by("-told_at", "-id"):
        left = [pk for pk in line.cases if pk not in gone]
        if len(left) == len(line.cases):
            continue
        if left:
            line.cases, line.count, line.case_id = left, len(left), uuid.UUID(left[0])
            line.save(update_fields=["cases", "count", "case"])
        pk = line.pk
        if not left:
            line.delete()
        _announce(person, pk, is_gone=not left)


@transaction.atomic
def tell_asked(*, question: Question) -> None:
    """Tell a colleague that a question waits."""
    _tell(
        Notification(
            user=question.asked,
            site_id=question.case.site_id,
            kind=NotificationKind.ASKED,
            actor=question.asker,
            case=question.case,
            question=question,
        )
    )


@transaction.atomic
def tell_replies(*, case: Case, asker: User) -> None:
    """Tell of the replies on a case that the asker may hear now; each once, and none
    that was read: the line that told of it may have made room for newer ones."""
    known = Notification.objects.filter(user=asker, kind=NotificationKind.REPLIED)
    replied = (
        Question.objects.filter(case=case, asker=asker)
        .filter(reply__isnull=False, reply__read_at=None)
        .exclude(pk__in=known.filter(case=case).values("question"))
        .select_related("asked")
    )
    for question in replied.order_by("asked_at", "id"):
        _tell(
            Notification(
                user=asker,
                site_id=case.site_id,
                kind=NotificationKind.REPLIED,
                actor=question.asked,
                case=case,
                question=question,
            )
        )


@transaction.atomic
def tell_of_upload(*, upload_id: uuid.UUID, is_quarantined: bool) -> None:
    """Tell who sent an upload that it is through, or that files are in quarantine.

    is_quarantined: the file that has just settled. Runs after its commit, so that of
    two workers with the last two files one sees both. The query that is as long as the
    upload runs at its end and at the first file in quarantine, not for each file.
    """
    uploads = Upload.objects.select_for_update(of=("self",))
    upload = uploads.select_related("created_by").get(pk=upload_id)
    person = upload.created_by
    if person is None or person.role == Role.INTEGRATION or upload.is_cancelled:
        return
    is_waiting = _is_waiting(upload)
    line = Notification.objects.filter(user=person, upload=upload).first()
    was_told = line is not None and line.kind == NotificationKind.UPLOAD_QUARANTINED
    if is_waiting and (not is_quarantined or was_told):
        return
    files, quarantined = _count_files(upload)
    is_through = not is_waiting and files >= (upload.expected_files or 1)
    if not is_through and (quarantined == 0 or was_told):
        return
    kind = (
        NotificationKind.UPLOAD_FINISHED
        if is_through
        else NotificationKind.UPLOAD_QUARANTINED
    )
    if line is None:
        line = Notification(user=person, site_id=upload.site_id, upload=upload)
    elif (line.kind, line.count, line.quarantined) == (kind, files, quarantined):
        return
    line.kind, line.count, line.quarantined = kind, files, quarantined
    line.is_read = False
    _tell(line)


@transaction.atomic
def mark_notifications(*, user: User, ids: Sequence[uuid.UUID], is_read: bool) -> None:
    """Mark a person's own notifications; ids of others' are passed over."""
    found = notifications_of(user).filter(pk__in=ids).exclude(is_read=is_read)
    marked = list(found.values_list("pk", flat=True))
    Notification.objects.filter(pk__in=marked).update(is_read=is_read)
    for pk in marked[:1]:
        # Their other tabs count anew; one piece of news is enough for that.
        _announce(user, pk)


def _is_waiting(upload: Upload) -> bool:
    waiting = UploadItem.objects.filter(upload=upload, status__in=PENDING_STATUSES)
    # What came last is read last: the index is left at the first row or soon after.
    return bool(waiting.order_by("-created_at", "-id").values_list("pk")[:1])


def _count_files(upload: Upload) -> tuple[int, int]:
    """Return how many files an upload has, and how many are in quarantine. 1 query."""
    counts = UploadItem.objects.filter(upload=upload).aggregate(
        files=Count("pk"),
        quarantined=Count("pk", filter=Q(status=ItemStatus.QUARANTINED)),
    )
    return counts["files"], counts["quarantined"]


def _tell(line: Notification) -> None:
    line.told_at = timezone.now()
    line.save()
    mine = Notification.objects.filter(user=line.user).order_by("-told_at", "-id")
    old = list(mine.values_list("pk", flat=True)[KEPT : KEPT + 200])
    if old:
        Notification.objects.filter(pk__in=old).delete()
    _announce(line.user, line.pk)


def _announce(user: User, pk: uuid.UUID, *, is_gone: bool = False) -> None:
    push(
        NotificationChanged(
            site_id=str(user.site_id),
            user_id=str(user.pk),
            id=str(pk),
            is_gone=is_gone,
        )
    )
