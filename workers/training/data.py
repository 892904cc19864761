"""Labelled pictures from a manifest, and the luma they are judged by."""

from __future__ import annotations

import csv
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workers.decode import decode_film
from workers.errors import RejectedInput
from workers.lanes.synthesis.features import TILE_PX

DEFAULT_DATA_DIR = Path("../shared/data")
MANIFEST_NAME = "manifest.csv"
# DICOM folders used for training. The others are CT or MR, show few distinct pictures
# in many codecs (and among them the two films of the demo, which must stay unseen), or
# come from repositories under copyleft licences.
_DICOM_SOURCES = ("radoss-ddh", "torchxrayvision", "uao")
# Words of the manifest's subjects, by part of the body; the first that fits counts.
_ANATOMY: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("not-medical", ("non-medical", "photo", "standard test image")),
    ("mammography", ("mammograph",)),
    ("dental", ("dental",)),
    ("chest", ("chest",)),
    ("hand", ("hand", "wrist")),
    (
        "knee-leg-msk",
        (
            *("knee", "leg", "tibia", "ankle", "foot", "hip", "pelvis", "sacrum"),
            *("shoulder", "elbow", "spine", "musculoskeletal"),
        ),
    ),
)


@dataclass(frozen=True)
class Sample:
    """One labelled picture.

    origin: the real source (folder) or the generator.
    kind: real, photo, dicom, fake, c2pa (the folder) or aligned.
    split: train or dev, given by the manifest, never mixing groups.
    subject: what the picture shows, in the manifest's words; "" where not stated.
    """

    path: Path
    is_fake: bool
    origin: str
    kind: str
    split: str
    group: str
    licence: str
    sha256: str
    subject: str = ""


def anatomy_of(subject: str) -> str:
    """Return the part of the body `subject` names; "other" where none of ours."""
    words = subject.lower()
    for anatomy, stems in _ANATOMY:
        if any(stem in words for stem in stems):
            return anatomy
    return "other"


def load_manifest(data_dir: Path) -> tuple[Sample, ...]:
    """Return every usable sample of the manifest in `data_dir`, in its order."""
    with (data_dir / MANIFEST_NAME).open(newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    samples = []
    for row in rows:
        kind, folder = row["path"].split("/")[:2]
        if kind == "dicom" and folder not in _DICOM_SOURCES:
            continue
        samples.append(
            Sample(
                path=data_dir / row["path"],
                is_fake=row["label"] == "fake",
                origin=row["generator"] or folder,
                kind=kind,
                split=row["split"],
                group=row["group"] or row["path"],
                licence=row["licence"],
                sha256=row["source_sha256"],
                subject=row.get("subject") or "",
            )
        )
    return tuple(samples)


def check_groups_apart(samples: Iterable[Sample]) -> None:
    """Raise ValueError if a group (patient, prompt) lies on both sides of the split."""
    splits: dict[str, set[str]] = defaultdict(set)
    for sample in samples:
        splits[sample.group].add(sample.split)
    mixed = sorted(group for group, seen in splits.items() if len(seen) > 1)
    if mixed:
        raise ValueError(f"{len(mixed)} groups lie in both splits, first: {mixed[0]}")


def digest_samples(samples: Sequence[Sample]) -> str:
    """Return a SHA-256 over labels, splits and contents, independent of file order."""
    lines = sorted(
        f"{s.sha256} {s.path.name} {int(s.is_fake)} {s.origin} {s.split}\n"
        for s in samples
    )
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def load_luma(sample: Sample) -> NDArray[np.float32] | None:
    """Return the luma of `sample`, None where it cannot be read or is too small."""
    try:
        luma = decode_film(sample.path).luma
    except RejectedInput:
        return None
    return luma if min(luma.shape) >= TILE_PX else None
