"""Scores of pictures, one row each: what evaluation, matching and reports count from.

Rows of a split scored by the shipped model and rows scored by models that never saw
the picture's family have one form, so that both are counted by the same functions.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from workers.training.data import Sample, anatomy_of
from workers.training.families import family_of

GREY_BINS = 16
_FORMAT = "truefilm-scores-1"
_SHARES = tuple(f"grey_{index:02}" for index in range(GREY_BINS))
COLUMNS = (
    *("path", "is_fake", "origin", "kind", "family", "subject", "anatomy", "group"),
    *("condition", "score", "probability", "reason", "in_domain", "fold"),
    *("rows_px", "columns_px", *_SHARES, "grey_mean", "grey_deviation"),
)


class ScoreTableError(ValueError):
    """A file of scores that cannot be used; the text says where and why."""


@dataclass(frozen=True)
class FilmFacts:
    """What can be told of a film without its texture: all that a leak probe sees.

    Measured after the condition. grey_shares: of GREY_BINS equal steps, sum 1.
    grey_mean, grey_deviation: 0..1.
    """

    rows_px: int
    columns_px: int
    grey_shares: tuple[float, ...]
    grey_mean: float
    grey_deviation: float


@dataclass(frozen=True)
class PictureScore:
    """One picture under one condition.

    path: relative to the data folder, with `/`.  origin: real source or generator.
    kind: as in `Sample`.  score: log-odds before calibration, NaN where not assessable.
    probability: calibrated, NaN where not assessable.  reason: why not assessable, else
    "".  in_domain: whether the lane takes it for a radiograph, None where it has no
    such check.  fold: which left-out model gave the score, "" for the shipped one.
    facts: None where the picture could not be read.
    """

    path: str
    is_fake: bool
    origin: str
    kind: str
    family: str
    subject: str
    group: str
    condition: str
    score: float
    probability: float
    reason: str = ""
    in_domain: bool | None = None
    fold: str = ""
    facts: FilmFacts | None = None

    @property
    def anatomy(self) -> str:
        """Return the part of the body (`anatomy_of`)."""
        return anatomy_of(self.subject)

    @property
    def is_judged(self) -> bool:
        """Return whether there is a score."""
        return math.isfinite(self.score)


@dataclass(frozen=True)
class ScoreTable:
    """Rows and what they were made from (model, data, seed), all as text."""

    rows: tuple[PictureScore, ...]
    made_from: Mapping[str, str] = field(default_factory=dict)


def measure_facts(levels: NDArray[np.uint8]) -> FilmFacts:
    """Return the facts of `levels`, 8-bit luma (rows, columns)."""
    counts = np.bincount(levels.ravel() // (256 // GREY_BINS), minlength=GREY_BINS)
    rows, columns = levels.shape
    return FilmFacts(
        rows_px=int(rows),
        columns_px=int(columns),
        # Rounded as the file keeps them, so that a read table equals the written one.
        grey_shares=tuple(round(float(share), 6) for share in counts / levels.size),
        grey_mean=round(float(levels.mean()) / 255, 6),
        grey_deviation=round(float(levels.std()) / 255, 6),
    )


def describe_sample(
    sample: Sample,
    data_dir: Path,
    *,
    condition: str,
    score: float = math.nan,
    probability: float = math.nan,
    reason: str = "",
    in_domain: bool | None = None,
    fold: str = "",
    facts: FilmFacts | None = None,
) -> PictureScore:
    """Return the row of `sample`; paths outside `data_dir` keep their name alone."""
    inside = sample.path.is_relative_to(data_dir)
    path = sample.path.relative_to(data_dir) if inside else Path(sample.path.name)
    return PictureScore(
        path=path.as_posix(),
        is_fake=sample.is_fake,
        origin=sample.origin,
        kind=sample.kind,
        family=family_of(sample.origin),
        subject=sample.subject,
        group=sample.group,
        condition=condition,
        score=score,
        probability=probability,
        reason=reason,
        in_domain=in_domain,
        fold=fold,
        facts=facts,
    )


def _number_text(value: float) -> str:
    return "" if math.isnan(value) else repr(float(value))


def _row_values(row: PictureScore) -> list[str]:
    in_domain = "" if row.in_domain is None else str(int(row.in_domain))
    values = [row.path, str(int(row.is_fake)), row.origin, row.kind, row.family]
    values += [row.subject, row.anatomy, row.group, row.condition]
    values += [_number_text(row.score), _number_text(row.probability), row.reason]
    values += [in_domain, row.fold]
    if row.facts is None:
        return values + [""] * (len(COLUMNS) - len(values))
    facts = row.facts
    numbers = (*facts.grey_shares, facts.grey_mean, facts.grey_deviation)
    values += [str(facts.rows_px), str(facts.columns_px)]
    return values + [_number_text(number) for number in numbers]


def write_scores(
    path: Path, rows: Iterable[PictureScore], *, made_from: Mapping[str, str]
) -> None:
    """Write `rows` one by one to `path`, via `.part`; the first line is `made_from`."""
    part = path.with_name(f"{path.name}.part")
    head = json.dumps({"format": _FORMAT, **made_from}, sort_keys=True)
    with part.open("w", newline="", encoding="utf-8") as handle:
        handle.write(f"# {head}\n")
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in rows:
            writer.writerow(_row_values(row))
    part.replace(path)


def _parse_number(text: str, what: str, *, low: float, high: float) -> float:
    if not text:
        return math.nan
    value = float(text)
    if not low <= value <= high:  # NaN and infinity fail too: they are written as ""
        raise ValueError(f"{what} is {text}")
    return value


def _parse_flag(text: str, what: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError(f"{what} is '{text}', not 0 or 1")
    return text == "1"


def _parse_facts(fields: Mapping[str, str]) -> FilmFacts | None:
    if not fields["rows_px"]:
        return None
    shares = tuple(float(fields[name]) for name in _SHARES)
    if not all(0 <= share <= 1 for share in shares) or abs(sum(shares) - 1) > 0.001:
        raise ValueError("grey-level shares do not sum to 1")
    rows, columns = int(fields["rows_px"]), int(fields["columns_px"])
    if min(rows, columns) < 1:
        raise ValueError("a side is below 1 px")
    numbers = []
    for name in ("grey_mean", "grey_deviation"):
        number = _parse_number(fields[name], name, low=0, high=1)
        if math.isnan(number):
            raise ValueError(f"{name} is missing")
        numbers.append(number)
    return FilmFacts(rows, columns, shares, numbers[0], numbers[1])


def _parse_row(values: Sequence[str]) -> PictureScore:
    if len(values) != len(COLUMNS):
        raise ValueError(f"{len(values)} columns, not {len(COLUMNS)}")
    fields = dict(zip(COLUMNS, values, strict=True))
    for name in ("path", "origin", "kind", "family", "group", "condition"):
        if not fields[name]:
            raise ValueError(f"{name} is empty")
    row = PictureScore(
        path=fields["path"],
        is_fake=_parse_flag(fields["is_fake"], "is_fake"),
        origin=fields["origin"],
        kind=fields["kind"],
        family=fields["family"],
        subject=fields["subject"],
        group=fields["group"],
        condition=fields["condition"],
        score=_parse_number(fields["score"], "score", low=-1e9, high=1e9),
        probability=_parse_number(fields["probability"], "probability", low=0, high=1),
        reason=fields["reason"],
        in_domain=(
            _parse_flag(fields["in_domain"], "in_domain")
            if fields["in_domain"]
            else None
        ),
        fold=fields["fold"],
        facts=_parse_facts(fields),
    )
    if row.is_judged != math.isfinite(row.probability):
        raise ValueError("score and probability must be given together")
    if row.is_judged and row.facts is None:
        raise ValueError("a judged picture has no facts for the leak probe")
    return row


def _read_head(handle: TextIO, path: Path) -> dict[str, str]:
    line = handle.readline()
    try:
        head = json.loads(line.removeprefix("# ")) if line.startswith("# ") else None
    except ValueError:
        head = None
    if not isinstance(head, dict) or head.pop("format", None) != _FORMAT:
        raise ScoreTableError(f"{path.name} is not a table of scores ({_FORMAT})")
    return {str(key): str(value) for key, value in head.items()}


def read_scores(path: Path) -> ScoreTable:
    """Return the table in `path`. Raises ScoreTableError, naming the line, if unusable.

    Each pair of picture and condition may occur once.
    """
    rows: list[PictureScore] = []
    seen: set[tuple[str, str]] = set()
    try:
        with path.open(newline="", encoding="utf-8") as handle:
            made_from = _read_head(handle, path)
            reader = csv.reader(handle, strict=True)
            if tuple(next(reader, ())) != COLUMNS:
                raise ScoreTableError(f"{path.name}: its columns are not those we know")
            for values in reader:
                try:
                    row = _parse_row(values)
                    if (row.path, row.condition) in seen:
                        raise ValueError(f"{row.path} occurs twice in {row.condition}")
                except ValueError as error:
                    line = reader.line_num + 1
                    raise ScoreTableError(f"{path.name}:{line}: {error}") from error
                seen.add((row.path, row.condition))
                rows.append(row)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ScoreTableError(f"{path.name} cannot be read: {error}") from error
    return ScoreTable(tuple(rows), made_from)
