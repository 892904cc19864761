"""`python -m workers sign FILE...`: put a digital signature into DICOM files."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from workers.cli.keys import add_key_options, open_signer
from workers.dicom.signatures.profiles import (
    AUTHORIZATION,
    CREATOR,
    STRUCTURED_REPORT,
)
from workers.dicom.signatures.sign import (
    PURPOSES,
    CannotSign,
    Signer,
    sign_file,
)
from workers.errors import RejectedInput

_PROFILES = {
    "creator": CREATOR,
    "authorization": AUTHORIZATION,
    "sr": STRUCTURED_REPORT,
}


def main(argv: Sequence[str]) -> int:
    """Return 0 if every file was signed, 1 if any was not, 2 if the key is no use."""
    options = _parser().parse_args(list(argv))
    failed = False
    try:
        with open_signer(vars(options)) as signer:
            for path in options.files:
                try:
                    written = _sign(path, signer, options)
                except (OSError, RejectedInput) as error:
                    failed = True
                    told = getattr(error, "strerror", None) or str(error)
                    sys.stderr.write(f"{path}: not signed. {told}\n")
                else:
                    sys.stdout.write(f"{path}: signed as {written}\n")
    except (CannotSign, OSError) as error:
        sys.stderr.write(f"{getattr(error, 'strerror', None) or error}\n")
        return 2
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m workers sign",
        description="Sign DICOM files (PS3.15 Annex C). FILE.dcm is written beside"
        " itself as FILE.signed.dcm.",
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--profile", required=True, choices=sorted(_PROFILES))
    add_key_options(parser)
    parser.add_argument(
        "--purpose",
        choices=list(PURPOSES),
        metavar="1..17",
        help="code of ASTM E2084: 1 author, 5 verification, 13 review, 14 source ...",
    )
    parser.add_argument(
        "--in-place", action="store_true", help="replace the files themselves"
    )
    return parser


def _sign(path: Path, signer: Signer, options: argparse.Namespace) -> Path:
    content = sign_file(
        path.read_bytes(),
        signer=signer,
        profile=_PROFILES[options.profile],
        at=dt.datetime.now(dt.UTC),
        algorithm=options.mac,
        purpose=options.purpose or "",
    )
    target = path if options.in_place else path.with_suffix(".signed.dcm")
    # Whole or not at all: a film that was cut off by a full disk is lost.
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        part = Path(file.name)
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            part.chmod(path.stat().st_mode)
            part.replace(target)
        except OSError:
            part.unlink()
            raise
    return target
