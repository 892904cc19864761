"""`python -m workers signatures FILE...`: what the digital signatures in it state."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pydicom import dcmread

from workers.decode.parsing import PARSE_ERRORS, bad_header, quiet_warnings
from workers.dicom.signatures.statements import state_signatures
from workers.dicom.signatures.verify import verify_file
from workers.errors import RejectedInput
from workers.serialise import finding_to_json
from workers.types import Finding, SignatureTrust

# As a shell expects: 1 says that something was found.
_BROKEN, _UNREADABLE = 1, 2
_STRONG = 0.5


def main(argv: Sequence[str]) -> int:
    """Return 0, or 1 if a statement speaks against a file, 2 if one cannot be read."""
    parser = argparse.ArgumentParser(
        prog="python -m workers signatures",
        description="Verify the digital signatures of DICOM files (PS3.15 Annex C).",
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--jsonl", action="store_true", help="one JSON object a line")
    parser.add_argument(
        "--anchors", type=Path, metavar="PEM", help="authorities that are trusted"
    )
    parser.add_argument("--crl", type=Path, action="append", default=[], metavar="FILE")
    options = parser.parse_args(list(argv))
    try:
        trust = _read_trust(options.anchors, options.crl)
    except OSError as error:
        parser.error(str(error.strerror))
    except ValueError:
        parser.error("The anchors are no PEM certificates.")
    worst = 0
    for path in options.files:
        try:
            findings = _state(path, trust)
        except (OSError, RejectedInput) as error:
            sys.stderr.write(f"{path}: {getattr(error, 'strerror', None) or error}\n")
            worst = _UNREADABLE
            continue
        if any(finding.weight >= _STRONG for finding in findings):
            worst = max(worst, _BROKEN)
        sys.stdout.write(_show(path, findings, as_json=options.jsonl))
    return worst


def _read_trust(anchors: Path | None, crls: Sequence[Path]) -> SignatureTrust:
    loaded = x509.load_pem_x509_certificates(anchors.read_bytes()) if anchors else []
    return SignatureTrust(
        anchors=tuple(one.public_bytes(Encoding.DER) for one in loaded),
        crls=tuple(path.read_bytes() for path in crls),
    )


def _state(path: Path, trust: SignatureTrust) -> list[Finding]:
    try:
        with quiet_warnings():
            header = dcmread(path, stop_before_pixels=True)
            signatures = verify_file(path)
    except OSError:
        raise
    except PARSE_ERRORS:
        raise bad_header() from None
    now = dt.datetime.now(dt.UTC)
    return state_signatures(header, signatures, trust=trust, now=now)


def _show(path: Path, findings: Sequence[Finding], *, as_json: bool) -> str:
    if as_json:
        said = [finding_to_json(finding) for finding in findings]
        return json.dumps({"path": str(path), "statements": said}) + "\n"
    lines = [f"  {finding.weight:+.2f}  {finding.text}" for finding in findings]
    return "\n".join([str(path), *lines]) + "\n"
