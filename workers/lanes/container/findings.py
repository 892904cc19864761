"""The one table of what the lane can say: code, sentence, weight, source, formats.

docs/container.md is made of it: `python -m workers.lanes.container.document`.
"""

from __future__ import annotations

from typing import Any

from workers.lanes.container.kinds import Kind
from workers.lanes.container.kinds_dicom import DICOM_FILES
from workers.lanes.container.kinds_picture import PICTURE
from workers.lanes.container.kinds_structure import (
    ENDS,
    JPEG_BLOCKS,
    OTHER_BLOCKS,
    PNG_BLOCKS,
)
from workers.lanes.container.kinds_traces import TRACES
from workers.types import Finding

TABLE: tuple[Kind, ...] = (
    *TRACES,
    *PICTURE,
    *ENDS,
    *PNG_BLOCKS,
    *JPEG_BLOCKS,
    *OTHER_BLOCKS,
    *DICOM_FILES,
)
KINDS = {kind.code: kind for kind in TABLE}


def make(
    code: str,
    *,
    detail: dict[str, Any],
    weight: float | None = None,
    **words: object,
) -> Finding:
    """Return a finding of the table. Raises KeyError on an unknown code or word,
    ValueError on a weight that the table does not name.

    detail: JSON values; holds an offset, a field or a place, never PHI.
    """
    kind = KINDS[code]
    chosen = kind.weights[0] if weight is None else weight
    if chosen not in kind.weights:
        raise ValueError(f"{code} does not weigh {chosen}")
    return Finding(
        code, kind.sentence.format(**words), chosen, kind.source, detail=detail
    )
