"""The tamper lane v0: copied parts and grain that does not belong, in plain numpy."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from workers.lanes.tamper.measure import (
    PART_Z,
    TamperMeasures,
    film_suspicion,
    measure_film,
    noise_suspicion,
    scale_region,
)
from workers.types import (
    Context,
    DecodedImage,
    Evidence,
    Finding,
    Heatmap,
    LaneName,
    LaneStatus,
    Region,
)

# Below this the statistics of blocks rest on too few of them.
MIN_SIDE_PX = 256

# Share of blocks with grain to judge; below it (blank, posterised, drawn) abstain.
MIN_ASSESSABLE = 0.05

# Operating point of the grain: 1 % false alarms on untouched films of the training
# split (`python -m workers evaluate --lane tamper --fit`, docs/models/tamper.md).
FLAG_SUSPICION = 0.76

_SOURCE = "docs/models/tamper.md"
_MAX_PARTS = 5


class TamperLane:
    """Local manipulation: copy-move matching and local noise inconsistency."""

    name = LaneName.TAMPER
    version = "0.1.0"
    model_sha256: str | None = None

    def assess(self, image: DecodedImage, context: Context) -> Evidence:
        """Return suspicion, heatmap and reliability; needs nothing of `context`."""
        luma = image.luma
        if min(luma.shape) < MIN_SIDE_PX:
            return self._abstain(
                f"The film is smaller than {MIN_SIDE_PX} pixels on a side."
            )
        if not np.isfinite(luma).all():
            return self._abstain("The film holds values that are not numbers.")
        if float(luma.std()) < 1e-3:
            return self._abstain("The film is blank.")
        measures = measure_film(luma)
        if float(measures.noise.assessable.mean()) < MIN_ASSESSABLE:
            return self._abstain("The film has too little natural grain to judge.")
        suspicion = film_suspicion(measures)
        findings = _findings(measures)
        status = LaneStatus.FINDING if findings else LaneStatus.CLEAR
        return Evidence(
            lane=self.name,
            version=self.version,
            status=status,
            reason=_reason(measures, suspicion),
            suspicion=suspicion,
            findings=findings,
            heatmap=_heatmap(measures),
            reliability=_reliability(measures),
        )

    def _abstain(self, reason: str) -> Evidence:
        return Evidence(
            lane=self.name,
            version=self.version,
            status=LaneStatus.NOT_ASSESSABLE,
            reason=reason,
        )


def _findings(measures: TamperMeasures) -> tuple[Finding, ...]:
    findings = []
    for part in measures.parts[:_MAX_PARTS]:
        source = scale_region(part.source, measures.scale)
        target = scale_region(part.target, measures.scale)
        findings.append(
            Finding(
                code="copy_move",
                text=(
                    "The same grain is in two places, one copied from the other"
                    f" (agreement {part.agreement:.2f})."
                ),
                weight=0.8,
                source=_SOURCE,
                region=target,
                detail={
                    "other_region": {
                        "row": source.row,
                        "column": source.column,
                        "height": source.height,
                        "width": source.width,
                    },
                    "agreement": round(part.agreement, 4),
                    "area_px": int(part.area_px / measures.scale**2),
                },
            )
        )
    by_noise = noise_suspicion(measures.smooth_mass)
    if by_noise >= FLAG_SUSPICION:
        findings.append(
            Finding(
                code="noise_inconsistent",
                text="In one area fine grain is missing that the rest of the film has.",
                weight=0.6,
                source=_SOURCE,
                region=measures.smooth_region,
                detail={"smooth_mass": round(measures.smooth_mass, 2)},
            )
        )
    return tuple(findings)


def _reason(measures: TamperMeasures, suspicion: float) -> str:
    size = "" if measures.scale == 1 else ", measured at reduced size"
    tail = f" (suspicion {suspicion:.2f}{size})."
    if measures.parts:
        return f"A part of the film appears twice with the same grain{tail}"
    if noise_suspicion(measures.smooth_mass) >= FLAG_SUSPICION:
        return f"The grain of one area does not fit the rest of the film{tail}"
    return f"No copied part and no area with foreign grain stood out{tail}"


def _heatmap(measures: TamperMeasures) -> Heatmap:
    """Return local departure as 0..1, copied parts on top; not a probability.

    0 at the film's own rule, 0.5 at the departure from which blocks form a part.
    """
    smooth = np.maximum(measures.smooth_map, 0)
    values = (smooth / (smooth + PART_Z)).astype(np.float32)
    block_px = measures.noise.block_px
    for part in measures.parts[:_MAX_PARTS]:
        for place in (part.source, part.target):
            _paint(values, place, part.mask, part.agreement, block_px)
    return _map_of(values, measures)


def _paint(
    values: NDArray[np.float32],
    place: Region,
    mask: NDArray[np.bool_],
    level: float,
    block_px: int,
) -> None:
    """Raise the blocks of which the part covers at least a quarter to `level`."""
    rows, columns = values.shape
    full = np.zeros((rows * block_px, columns * block_px), dtype=np.float32)
    row, column = max(place.row, 0), max(place.column, 0)
    window = full[row : row + place.height, column : column + place.width]
    window[...] = mask[: window.shape[0], : window.shape[1]]
    covered = cv2.resize(full, (columns, rows), interpolation=cv2.INTER_AREA) > 0.25
    values[covered] = np.maximum(values[covered], np.float32(level))


def _reliability(measures: TamperMeasures) -> Heatmap:
    """Return the share of judgeable blocks in each block's neighbourhood."""
    known = measures.noise.assessable.astype(np.float32)
    share = np.asarray(cv2.boxFilter(known, -1, (3, 3)), dtype=np.float32)
    return _map_of(share, measures)


def _map_of(values: NDArray[np.float32], measures: TamperMeasures) -> Heatmap:
    step = measures.noise.block_px / measures.scale
    bounded = np.clip(values, 0, 1).astype(np.float32)
    centre = (step - 1) / 2
    return Heatmap(bounded, spacing_px=(step, step), origin_px=(centre, centre))
