"""DICOM digital signatures (PS3.15 Annex C), verified statement by statement."""

from __future__ import annotations

import datetime as dt

from workers.decode.parsing import PARSE_ERRORS, quiet_warnings
from workers.dicom.signatures.statements import say_unreadable, state_signatures
from workers.dicom.signatures.verify import has_signatures, verify_file
from workers.types import DecodedImage, Finding, SignatureTrust


def judge_signatures(
    image: DecodedImage, trust: SignatureTrust | None, now: dt.datetime
) -> list[Finding]:
    """Return what the signatures of a DICOM file state; nothing where there are none.

    The file is read anew only if it carries one: a signature covers the bytes of its
    elements, pixels included, which the decoded picture no longer has.
    """
    if image.header is None or not has_signatures(image.header):
        return []
    try:
        signatures = verify_file(image.path)
        with quiet_warnings():
            return state_signatures(image.header, signatures, trust=trust, now=now)
    except PARSE_ERRORS:
        return [say_unreadable()]
