"""Regions that readers draw, and where they may lie."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from apps.core.errors import Invalid

MAX_POINTS = 2000
MAX_REGIONS = 50


@dataclass(frozen=True)
class RegionMark:
    """A region a reader drew: points are (column, row) in image pixels."""

    image_id: uuid.UUID
    frame: int
    kind: str
    points: tuple[tuple[float, float], ...]


class _Film(Protocol):
    """What a region has to lie within."""

    rows: int
    columns: int
    frame_count: int


def check_regions(
    films: Mapping[uuid.UUID, _Film], regions: Sequence[RegionMark]
) -> None:
    """Raise Invalid (`bad_region`) for a region that lies on none of `films`."""
    if len(regions) > MAX_REGIONS:
        raise Invalid(f"More than {MAX_REGIONS} regions.", code="bad_region")
    for region in regions:
        image = films.get(region.image_id)
        if image is None:
            raise Invalid("A region lies on no image of this case.", code="bad_region")
        wanted = 2 if region.kind == "box" else 3
        if not wanted <= len(region.points) <= (2 if wanted == 2 else MAX_POINTS):
            raise Invalid(
                "A box has two points, a freehand region three or more.",
                code="bad_region",
            )
        inside = all(
            -0.5 <= column <= image.columns - 0.5 and -0.5 <= row <= image.rows - 0.5
            for column, row in region.points
        )
        if not inside or not 0 <= region.frame < image.frame_count:
            raise Invalid("A region lies outside its image.", code="bad_region")
