"""The stock of films of known truth: what is taken in, and what is refused."""

from __future__ import annotations

import datetime as dt
import random
import tempfile
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction

from apps.accounts.models import Department, Site, User
from apps.accounts.permissions import Permission, permissions_of
from apps.core.errors import Conflict, Denied
from apps.core.objects import StoredBytes, open_local
from apps.detection.reuse_index import SiteReuseIndex
from apps.imaging.services.ingest import decode_limits
from apps.reading.canary_models import CanaryFilm, Truth
from apps.reading.signals import canary_offered
from workers.decode import decode_film
from workers.dicom.reidentify import GivenIdentity, reidentify_film
from workers.errors import UnsupportedImage
from workers.lanes.reuse import InMemoryReuseIndex, ReuseLane, make_fingerprint
from workers.types import (
    Context,
    DecodedImage,
    FileFormat,
    Fingerprint,
    IndexedFilm,
    LaneStatus,
    ReuseIndex,
)


def stock_canary(
    *, department: Department, stored: StoredBytes, truth: Truth, added_by: User
) -> CanaryFilm:
    """Return a film of the store, taken into a department's stock.

    Not an event: leads read the log and cases too. Who added it is kept beside it.
    Raises Denied for who sets no policy there; RejectedInput for what is no single
    film, or could not pass (`signed_film`, `undated_film`, `nearly_blank`); Conflict
    (`film_known`: the site has the picture, so that the reuse lane would name it, or
    whoever hears `canary_offered` told its truth).
    """
    if (
        Permission.SET_POLICY not in permissions_of(added_by)
        or added_by.site_id != department.site_id
    ):
        raise Denied("Only a lead of this site may stock canaries.")
    with open_local(stored.sha256) as path:
        film = decode_film(path, limits=decode_limits())
        if film.format is FileFormat.DICOM:
            _try_on(path, film)
    if is_picture_known(film, SiteReuseIndex(department.site_id)) or is_stocked(
        site=department.site, film=film
    ):
        raise _film_known()
    canary_offered.send(sender=CanaryFilm, site=department.site, film=film)
    fingerprint = make_fingerprint(film)
    try:
        with transaction.atomic():
            return CanaryFilm.objects.create(
                site_id=department.site_id,
                department=department,
                sha256=stored.sha256,
                pixel_sha256=film.pixel_sha256,
                phashes=[str(value) for value in fingerprint.phashes],
                aspect=fingerprint.aspect,
                format=film.format.value,
                truth=truth,
                added_by=added_by,
            )
    except IntegrityError as error:
        raise _film_known() from error


def is_picture_known(film: DecodedImage, index: ReuseIndex) -> bool:
    """Return whether the reuse lane would find this picture, by its own rules.

    Raises UnsupportedImage (`nearly_blank`) where it could not tell.
    """
    said = ReuseLane().assess(film, Context(reuse_index=index))
    if said.status is LaneStatus.NOT_ASSESSABLE:
        raise UnsupportedImage(said.reason, code="nearly_blank")
    return said.status is LaneStatus.FINDING


def is_stocked(*, site: Site, film: DecodedImage) -> bool:
    """Return whether this picture is in the stock of a department of the site, by the
    reuse lane's rules; released or not. 1 query."""
    said = ReuseLane().assess(film, Context(reuse_index=_stock_of(site)))
    return said.status is LaneStatus.FINDING


def _film_known() -> Conflict:
    return Conflict("The site has this picture already.", code="film_known")


def _try_on(path: Path, film: DecodedImage) -> None:
    """Give the film some identity and see that its pixels stay and it can be read."""
    noon = dt.datetime.combine(dt.date(2020, 1, 1), dt.time(12))
    identity = GivenIdentity("1", "A^B", "1", noon)
    tried = reidentify_film(path, identity, chance=random.Random(1))
    with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        copy = Path(folder) / "film.dcm"
        copy.write_bytes(tried.content)
        again = decode_film(copy, limits=decode_limits())
    if again.pixel_sha256 != film.pixel_sha256:
        raise UnsupportedImage(
            "The film does not survive a new header.", code="bad_header"
        )


def _stock_of(site: Site) -> InMemoryReuseIndex:
    return InMemoryReuseIndex(
        IndexedFilm(
            film_id=str(row.pk),
            patient_key="",
            study_key="",
            fingerprint=Fingerprint(
                pixel_sha256=row.pixel_sha256,
                phashes=tuple(int(value) for value in row.phashes),
                aspect=row.aspect,
            ),
            received_at=row.created_at,
        )
        for row in CanaryFilm.objects.filter(site=site)
    )
