"""Whose word counts in an analysis: devices and authorities of DICOM signatures, and
the anchors of content credentials."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from apps.imaging.device_selectors import signature_trust_of
from workers.dicom.signatures.enrolment import digest_trust
from workers.lanes.provenance.anchors import digest_credential_trust, read_anchors
from workers.types import CredentialTrust, SignatureTrust


@dataclass(frozen=True)
class Trust:
    """What the lanes of one run are given."""

    signatures: SignatureTrust
    credentials: CredentialTrust | None

    @property
    def digest(self) -> str:
        """Return what names this trust in a run's key; empty where nobody counts."""
        of_signatures = digest_trust(self.signatures)
        of_credentials = digest_credential_trust(self.credentials)
        if not of_credentials:
            return of_signatures
        both = f"signatures {of_signatures}\ncredentials {of_credentials}"
        return hashlib.sha256(both.encode()).hexdigest()


def trust_of(*, site_id: UUID) -> Trust:
    """Return whose word counts in a site now. 3 queries."""
    return Trust(
        signature_trust_of(site_id=site_id),
        _credential_trust(settings.C2PA_ANCHORS, settings.C2PA_TIME_ANCHORS),
    )


@functools.lru_cache(maxsize=4)
def _credential_trust(anchors: str, time_anchors: str) -> CredentialTrust | None:
    """Return the trust of two files, read once per process; new ones need a restart."""
    if not (anchors or time_anchors):
        return None
    return CredentialTrust(
        anchors=read_anchors(Path(anchors)) if anchors else (),
        time_anchors=read_anchors(Path(time_anchors)) if time_anchors else (),
    )


@register()
def check_anchors(**_: object) -> list[CheckMessage]:
    """Stop the start where a file of anchors cannot be used."""
    wrong: list[CheckMessage] = []
    for name in ("C2PA_ANCHORS", "C2PA_TIME_ANCHORS"):
        path = getattr(settings, name)
        if not path:
            continue
        try:
            read_anchors(Path(path))
        except OSError as error:
            why = error.strerror or "it is not readable"
        except ValueError:
            why = "it holds no certificates in PEM form"
        else:
            continue
        wrong.append(
            Error(f"TRUEFILM_{name} cannot be read: {why}.", id="detection.E001")
        )
    return wrong
