"""Shapes of films that were signed for a verdict."""

from __future__ import annotations

import datetime as dt
import uuid

from ninja import Schema


class AuthorizationOut(Schema):
    """A signed copy of a film. certificate: whose key signed it."""

    id: uuid.UUID
    image_id: uuid.UUID
    sha256: str
    signature_uid: str
    certificate_sha256: str
    certificate_subject: str
    signed_at: dt.datetime
    log_position: int


class AuthorizationsOut(Schema):
    """What may be signed, and what was. signable: ids of films, DICOM ones, that the
    caller may have signed now."""

    signable: list[uuid.UUID]
    signed: list[AuthorizationOut]
