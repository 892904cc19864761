"""Labels as files: CSV for people, Parquet for machines, the same columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import asdict, fields

import pyarrow as pa
import pyarrow.parquet as pq

from apps.learning.selectors import Label

COLUMNS = tuple(field.name for field in fields(Label))
SCHEMA = pa.schema(
    [
        ("label_id", pa.string()),
        ("case_id", pa.string()),
        ("image_sha256", pa.string()),
        ("pixel_sha256", pa.string()),
        ("outcome", pa.string()),
        ("decision", pa.string()),
        ("first_answer", pa.string()),
        ("confidence", pa.int8()),
        ("mode", pa.string()),
        ("reason_codes", pa.list_(pa.string())),
        ("regions", pa.string()),
        ("films_in_case", pa.int32()),
        ("changed_mind_code", pa.string()),
        ("reader", pa.string()),
        ("sealed_at", pa.timestamp("us", tz="UTC")),
        ("filed_at", pa.timestamp("us", tz="UTC")),
        ("flagged", pa.bool_()),
        ("suspicion", pa.float64()),
        ("pipeline_version", pa.string()),
        ("model_sha256s", pa.list_(pa.string())),
        ("log_position", pa.int64()),
        ("read_kind", pa.string()),
        ("policy_version", pa.int32()),
        ("replaces", pa.string()),
        ("case_outcome", pa.string()),
        ("case_outcome_by", pa.string()),
        ("is_demo", pa.bool_()),
    ]
)


def labels_to_csv(labels: Iterable[Label]) -> str:
    """Return labels as CSV with a header; lists are joined by spaces."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for label in labels:
        writer.writerow([_cell(value) for value in asdict(label).values()])
    return out.getvalue()


def labels_to_parquet(labels: Iterable[Label]) -> bytes:
    """Return labels as one Parquet file (zstd)."""
    rows = [asdict(label) for label in labels]
    columns = {name: [row[name] for row in rows] for name in COLUMNS}
    table = pa.Table.from_pydict(columns, schema=SCHEMA)
    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd")
    return out.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, tuple | list):
        return " ".join(map(str, value))
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return "" if value is None else value
