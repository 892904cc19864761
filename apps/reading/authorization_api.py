"""HTTP doorways of films that are signed for a verdict."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from ninja import Router, Status

from apps.accounts.auth import user_of
from apps.accounts.permissions import Permission, require
from apps.core.objects import open_local
from apps.reading.authorization_models import FilmAuthorization
from apps.reading.authorization_schemas import AuthorizationOut, AuthorizationsOut
from apps.reading.authorization_selectors import (
    get_authorization,
    list_authorizations,
    list_signable,
)
from apps.reading.selectors import get_case
from apps.reading.services.authorizations import (
    authorize_film,
    record_authorized_film_served,
)

router = Router(tags=["reading"])


@router.get("/cases/{case_id}/authorizations", response=AuthorizationsOut)
def read_authorizations(request: HttpRequest, case_id: uuid.UUID) -> AuthorizationsOut:
    """List the films signed for the caller's verdict, and those that can be."""
    user, _ = require(user_of(request), Permission.READ_CASES)
    case = get_case(user=user, case_id=case_id)
    return AuthorizationsOut(
        signable=[image.pk for image in list_signable(case=case, user=user)],
        signed=[_shape(film) for film in list_authorizations(case=case, user=user)],
    )


@router.post(
    "/cases/{case_id}/films/{image_id}/authorization", response={201: AuthorizationOut}
)
def authorize(
    request: HttpRequest, case_id: uuid.UUID, image_id: uuid.UUID
) -> Status[AuthorizationOut]:
    """Sign a copy of a film that the case and the caller hold to be authentic."""
    user, _ = require(user_of(request), Permission.READ_CASES)
    case = get_case(user=user, case_id=case_id)
    film = authorize_film(case=case, reader=user, image_id=image_id)
    return Status(201, _shape(film))


@router.get("/cases/{case_id}/authorizations/{authorization_id}/file")
def read_file(
    request: HttpRequest, case_id: uuid.UUID, authorization_id: uuid.UUID
) -> HttpResponse:
    """Serve a signed film whole; that goes on the log."""
    user, _ = require(user_of(request), Permission.READ_CASES)
    case = get_case(user=user, case_id=case_id)
    film = get_authorization(case=case, user=user, authorization_id=authorization_id)
    # On the log before it is read: what is served is never unrecorded.
    record_authorized_film_served(film=film, user=user)
    with open_local(film.sha256) as path:
        content = path.read_bytes()
    answer = HttpResponse(content, content_type="application/dicom")
    # No name: files on a disk are seen by others.
    answer["Content-Disposition"] = f'attachment; filename="{film.sha256[:16]}.dcm"'
    return answer


def _shape(film: FilmAuthorization) -> AuthorizationOut:
    return AuthorizationOut(
        id=film.pk,
        image_id=film.image_id,
        sha256=film.sha256,
        signature_uid=film.signature_uid,
        certificate_sha256=film.certificate_sha256,
        certificate_subject=film.certificate_subject,
        signed_at=film.signed_at,
        log_position=film.log_position,
    )
