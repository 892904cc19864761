"""A film is signed for the verdict of its reader, and stays available."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.audit.models import EventKind
from apps.audit.services import append_event, lock_log
from apps.core.errors import Conflict, NotFound
from apps.core.objects import open_local, put_bytes
from apps.imaging.models import Image
from apps.reading.authorization_models import FilmAuthorization
from apps.reading.authorization_selectors import authentic_verdict
from apps.reading.canaries import is_canary
from apps.reading.models import Case, Verdict
from apps.reading.services.reads import lock_case
from apps.reading.signing_key import has_signing_key, signing_key
from workers.dicom.signatures.certificates import describe
from workers.dicom.signatures.profiles import AUTHORIZATION
from workers.dicom.signatures.sign import Signer, sign_file
from workers.dicom.signatures.verify import verify_file
from workers.errors import RejectedInput
from workers.types import FileFormat

# PS3.16 CID 7007: Verification Signature.
_PURPOSE = "5"


def authorize_film(
    *, case: Case, reader: User, image_id: uuid.UUID
) -> FilmAuthorization:
    """Return the signed copy of a film; the same one however often it is asked for.

    The reader's verdict and the outcome of the case must be that it is authentic. The
    key is that of the installation: whose verdict it stands for is on the log.
    Raises NotFound, Conflict (`no_signing_key`, `not_authentic`, `not_a_dicom_film`,
    `cannot_sign`, `verdict_changed`).
    """
    if not has_signing_key():
        raise Conflict(
            "No signing key is set up on this installation.", code="no_signing_key"
        )
    image = case.study.images.filter(pk=image_id).first()
    if image is None:
        raise NotFound("The case has no such film.")
    verdict = authentic_verdict(case=case, user=reader)
    if verdict is None:
        raise Conflict(
            "A film is signed once its case is closed as authentic and your own verdict"
            " says so.",
            code="not_authentic",
        )
    if image.format != FileFormat.DICOM:
        raise Conflict("Only DICOM files can be signed.", code="not_a_dicom_film")
    if is_canary(case=case):
        # It may be a fake that the reader missed, and nobody's patient. In the words
        # of any other film that cannot be signed.
        raise _cannot_sign()
    known = FilmAuthorization.objects.filter(verdict=verdict, image=image).first()
    return known or _sign(case, reader, verdict, image)


def record_authorized_film_served(*, film: FilmAuthorization, user: User) -> None:
    """Put on the log that a signed copy leaves the server."""
    case = film.verdict.read.case
    with transaction.atomic():
        append_event(
            kind=EventKind.AUTHORIZED_FILM_SERVED,
            site=case.site,
            actor=user,
            case_id=case.pk,
            subject=f"image:{film.image_id}",
            data={"sha256": film.sha256},
        )


def _cannot_sign() -> Conflict:
    return Conflict("This film's file cannot be signed.", code="cannot_sign")


def _sign(
    case: Case, reader: User, verdict: Verdict, image: Image
) -> FilmAuthorization:
    signer, now = signing_key(), timezone.now()
    # Outside the transaction, which would hold up the log: a film may be large.
    sha256, signature_uid = _store_signed(image, signer, now)
    certificate = describe(signer.certificate)
    with transaction.atomic():
        lock_log()
        locked = lock_case(case)
        if authentic_verdict(case=locked, user=reader) != verdict:
            raise Conflict("The verdict was changed meanwhile.", code="verdict_changed")
        known = FilmAuthorization.objects.filter(verdict=verdict, image=image).first()
        if known is not None:
            return known
        event = append_event(
            kind=EventKind.FILM_AUTHORIZED,
            site=case.site,
            actor=reader,
            case_id=case.pk,
            subject=f"image:{image.pk}",
            data={
                "verdict": str(verdict.pk),
                "image_sha256": image.sha256,
                "signed_sha256": sha256,
                "signature_uid": signature_uid,
                "certificate_sha256": certificate.sha256,
            },
        )
        return FilmAuthorization.objects.create(
            verdict=verdict,
            image=image,
            sha256=sha256,
            signature_uid=signature_uid,
            certificate_sha256=certificate.sha256,
            certificate_subject=certificate.subject[:512],
            signed_at=now,
            log_position=event.position,
        )


def _store_signed(image: Image, signer: Signer, now: dt.datetime) -> tuple[str, str]:
    """Return the digest of the signed copy in the store, and its signature's UID."""
    with open_local(image.sha256) as path:
        content = path.read_bytes()
    try:
        signed = sign_file(
            content, signer=signer, profile=AUTHORIZATION, at=now, purpose=_PURPOSE
        )
    except RejectedInput:
        raise _cannot_sign() from None
    stored = put_bytes(signed)
    with open_local(stored.sha256) as path:
        top = [signature for signature in verify_file(path) if not signature.path]
    return stored.sha256, top[-1].uid
