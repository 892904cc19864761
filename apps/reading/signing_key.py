"""The key that signs films for the verdicts of this installation's readers."""

from __future__ import annotations

import functools

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from workers.dicom.signatures.sign import CannotSign, FileSigner, Signer


def has_signing_key() -> bool:
    """Return whether films can be signed here."""
    return bool(settings.SIGNING_KEY)


def signing_key() -> Signer:
    """Return the key with its certificate. Raises CannotSign if it cannot be used."""
    return _load(settings.SIGNING_KEY, settings.SIGNING_CERTIFICATE)


@functools.lru_cache(maxsize=1)
def _load(key: str, certificate: str) -> Signer:
    return FileSigner.load(key=key.encode(), certificate=certificate.encode())


@register()
def check_signing_key(**_: object) -> list[CheckMessage]:
    """Stop the start where the key cannot be used."""
    if not (settings.SIGNING_KEY or settings.SIGNING_CERTIFICATE):
        return []
    try:
        signing_key()
    except CannotSign as error:
        return [
            Error(
                "TRUEFILM_SIGNING_KEY and TRUEFILM_SIGNING_CERTIFICATE:"
                f" {error.message}",
                id="reading.E001",
            )
        ]
    return []
