"""`python -m workers analyze PATH...`: one line per image, for people or machines."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from workers.errors import RejectedInput
from workers.lanes.provenance.anchors import read_anchors
from workers.lanes.synthesis.lane import MAX_TILES_ON_REQUEST
from workers.pipeline import Analysis, analyze_file, build_lanes
from workers.serialise import finding_to_json, plain_json
from workers.types import Context, CredentialTrust, Lane, LaneStatus

# What a folder is searched for. A file named on the command line is always tried.
_SUFFIXES = frozenset(
    (".dcm", ".dicom", ".png", ".jpg", ".jpeg", ".jfif", ".tif", ".tiff", ".webp", "")
)


def main(argv: Sequence[str]) -> int:
    """Return 0 if every film was read, 1 if any was not."""
    options = _make_parser().parse_args(list(argv))
    lanes = build_lanes(
        models_dir=options.models,
        any_content=options.any_content,
        max_tiles=options.tiles,
    )
    trust = None
    if options.c2pa_anchors or options.c2pa_time_anchors:
        trust = CredentialTrust(options.c2pa_anchors, options.c2pa_time_anchors)
    failed = False
    if not options.jsonl:
        sys.stdout.write(_TABLE_HEAD)
    for path in _walk(options.paths, all_files=options.all_files):
        row = _analyze(path, lanes, trust)
        failed = failed or "error" in row
        line = json.dumps(row, allow_nan=False) if options.jsonl else _table_line(row)
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    return 1 if failed else 0


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m workers analyze",
        description="Run the evidence lanes on films; folders are walked.",
    )
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    parser.add_argument("--jsonl", action="store_true", help="one JSON object a line")
    parser.add_argument("--models", type=Path, metavar="DIR", help="folder of models")
    parser.add_argument(
        "--any-content",
        action="store_true",
        help="synthesis: judge pictures that are no radiographs, too; only for "
        "evaluation on the output of non-medical generators",
    )
    parser.add_argument(
        "--tiles",
        type=_tile_count,
        metavar="N",
        help="synthesis: score up to N tiles of a film, "
        f"1 to {MAX_TILES_ON_REQUEST} (default: as the model card says)",
    )
    parser.add_argument(
        "--c2pa-anchors",
        type=_read_anchors,
        default=(),
        metavar="FILE",
        help="provenance: trusted roots of signers of content credentials, PEM",
    )
    parser.add_argument(
        "--c2pa-time-anchors",
        type=_read_anchors,
        default=(),
        metavar="FILE",
        help="provenance: trusted roots of their time stamps, PEM",
    )
    parser.add_argument(
        "--all-files",
        action="store_true",
        help="in folders, try files of any name, not only those named like images",
    )
    return parser


def analysis_to_json(analysis: Analysis) -> dict[str, Any]:
    """Return one film's analysis in the shape that `--jsonl` prints."""
    return {
        "path": str(analysis.image.path),
        "sha256": analysis.image.sha256,
        "suspicion": plain_json(analysis.fused.suspicion),
        "flagged": analysis.fused.flagged,
        "lanes": {
            str(evidence.lane): {
                "status": str(evidence.status),
                "suspicion": plain_json(evidence.suspicion),
                "reason": evidence.reason,
                "findings": [finding_to_json(item) for item in evidence.findings],
            }
            for evidence in analysis.evidence
        },
        "seconds": round(analysis.seconds, 4),
    }


def _tile_count(text: str) -> int:
    """Return the number of tiles in `text`; argparse shows the error and the usage."""
    count = int(text) if text.isascii() and text.isdigit() else 0
    if not 1 <= count <= MAX_TILES_ON_REQUEST:
        raise argparse.ArgumentTypeError(
            f"'{text[:20]}' is not a number from 1 to {MAX_TILES_ON_REQUEST}"
        )
    return count


def _read_anchors(text: str) -> tuple[bytes, ...]:
    """Return the anchors in a file; argparse shows the error and the usage."""
    try:
        return read_anchors(Path(text))
    except OSError as error:
        raise argparse.ArgumentTypeError(error.strerror or "not readable") from None
    except ValueError:
        raise argparse.ArgumentTypeError("no certificates in PEM form") from None


def _analyze(
    path: Path, lanes: Iterable[Lane], trust: CredentialTrust | None
) -> dict[str, Any]:
    context = Context(file_name=path.name, credential_trust=trust)
    try:
        return analysis_to_json(analyze_file(path, lanes=lanes, context=context))
    except RejectedInput as error:
        return _error(path, error.code, error.message)
    except OSError as error:
        return _error(path, "unreadable", error.strerror or "The file cannot be read.")


def _error(path: Path, code: str, message: str) -> dict[str, Any]:
    return {"path": str(path), "error": {"code": code, "message": message}}


def _walk(paths: Iterable[Path], *, all_files: bool) -> Iterator[Path]:
    """Yield files in a stable order; hidden files of folders are left out."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for found in sorted(path.rglob("*")):
            hidden = any(name.startswith(".") for name in found.relative_to(path).parts)
            named = all_files or found.suffix.lower() in _SUFFIXES
            if found.is_file() and named and not hidden:
                yield found


_TABLE_HEAD = f"{'suspicion':>9}  {'flag':4}  {'lanes that found':32}  file\n"


def _table_line(row: dict[str, Any]) -> str:
    if "error" in row:
        return f"{'-':>9}  {'-':4}  {row['error']['message']:32}  {row['path']}"
    suspicion = "-" if row["suspicion"] is None else f"{row['suspicion']:.2f}"
    flag = "FLAG" if row["flagged"] else ""
    found = ", ".join(
        name
        for name, lane in row["lanes"].items()
        if lane["status"] == LaneStatus.FINDING
    )
    return f"{suspicion:>9}  {flag:4}  {found or 'none':32}  {row['path']}"
