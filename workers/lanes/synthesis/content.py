"""Is the picture a projection radiograph at all? Asked before any texture is judged.

The detector has learnt what radiographs look like at 1:1; of a photograph, a drawing
or a CT slice its answer means nothing. Three questions, cheapest first: what a DICOM
header says of the modality, whether the picture is in colour, and a support vector
machine on 60 plain numbers of a thumbnail, a model with a card of its own. All three
err towards "yes": a radiograph refused is a forgery missed. No number sees texture
finer than 1/128 of the film, so that a generated radiograph looks here like a real one.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from workers.errors import ModelError
from workers.lanes.synthesis.thumbnail import (
    CONTENT_FEATURE_VERSION,
    content_features,
    make_thumbnail,
)
from workers.model_card import ModelCard, load_card
from workers.onnx_session import ModelSession
from workers.types import DecodedImage

CONTENT_MODEL_NAME = "radiograph"

# DICOM PS3.3 C.7.3.1.1.1, Modality: those that are projections of X-rays. PX panoramic,
# IO intra-oral, RG film, XA and RF fluoroscopy; DR was retired in favour of DX.
_RADIOGRAPHS = frozenset(("CR", "DX", "DR", "MG", "RF", "XA", "PX", "IO", "RG"))
# Those that say nothing of how the picture was made: secondary captures and documents.
_UNTOLD = frozenset(("", "OT", "SC", "DOC", "XC"))
# Chroma that grey level alone does not explain, on a scale where pure colours lie at
# about 100. A tinted film or a blue light box is one tint and stays below; letters and
# arrows in colour cover less than a fifth of a film (docs/models/synthesis.md).
_MAX_FREE_CHROMA = 6.0
_COLOURED_SHARE = 0.2


class ContentCheck:
    """The model that tells radiographs from all other pictures by a thumbnail."""

    def __init__(self, models_dir: Path) -> None:
        self.card: ModelCard = load_card(models_dir, CONTENT_MODEL_NAME)
        kind = self.card.input_spec.get("kind")
        if kind != CONTENT_FEATURE_VERSION:
            raise ModelError(f"the content check wants input '{kind}', not known here")
        self._session = ModelSession(models_dir, self.card)

    def log_odds(self, thumbnail: NDArray[np.float32]) -> float:
        """Return the log-odds of 'no radiograph', the lower of both polarities.

        thumbnail: as `make_thumbnail` gives it.
        """
        turns = (thumbnail, np.float32(1.0) - thumbnail)
        numbers = np.stack([content_features(turn) for turn in turns])
        (scores,) = self._session.run(
            ["log_odds"], {"features": numbers.astype(np.float32)}
        )
        return float(scores.min())

    def passes(self, luma: NDArray[np.float32]) -> bool:
        """Return whether `luma` (0..1) may be a radiograph."""
        score = self.log_odds(make_thumbnail(luma))
        return self.card.calibration.probability(score) < self.card.threshold


def load_content_check(models_dir: Path) -> ContentCheck | None:
    """Return the check of `models_dir`, None where there is no card for one.

    Raises ModelError if there is a card that cannot be used.
    """
    if not (models_dir / f"{CONTENT_MODEL_NAME}.json").is_file():
        return None
    return ContentCheck(models_dir)


def modality_of(header: Dataset | None) -> str:
    """Return the Modality (0008,0060) in capitals, '' where there is none."""
    if header is None:
        return ""
    return str(header.get("Modality") or "").strip().upper()


def is_radiograph_modality(modality: str) -> bool:
    """Return whether `modality` may be a projection radiograph; unknown ones may."""
    return modality in _RADIOGRAPHS or modality in _UNTOLD


def coloured_share(stored: NDArray[Any], photometric: str) -> float:
    """Return the share of pixels whose colour their grey level does not explain.

    stored: (rows, columns) or (rows, columns, samples) as in DecodedImage; 0.0 for one
    sample, or a colour space other than RGB and full YBR.
    """
    if stored.ndim != 3 or stored.shape[2] < 3 or photometric not in _COLOUR_SPACES:
        return 0.0
    top = 255.0 if stored.dtype == np.uint8 else max(float(stored.max()), 1.0)
    small = cv2.resize(
        np.ascontiguousarray(stored[..., :3], np.float32) / np.float32(top),
        (128, 128),
        interpolation=cv2.INTER_AREA,
    )
    if photometric == "RGB":
        small = cv2.cvtColor(small, cv2.COLOR_RGB2YCrCb)
    grey, chroma = small[..., 0].ravel(), small[..., 1:].reshape(-1, 2) * 200.0
    # One tint per grey level (sepia, a blue base, a screen's white) is no content.
    levels = np.minimum((grey * 8).astype(np.int64), 7)
    free = np.empty_like(chroma)
    for level in np.unique(levels):
        inside = levels == level
        free[inside] = chroma[inside] - np.median(chroma[inside], axis=0)
    return float((np.hypot(free[:, 0], free[:, 1]) > _MAX_FREE_CHROMA).mean())


_COLOUR_SPACES = frozenset(("RGB", "YBR_FULL", "YBR_FULL_422"))


def why_not_a_radiograph(
    image: DecodedImage, luma: NDArray[np.float32], check: ContentCheck | None
) -> str | None:
    """Return the sentence that says why `image` is out of the lane's field, or None.

    luma: of `image`, finite, 0..1.  check: None where there is none; then only header
    and colour are asked.
    """
    modality = modality_of(image.header)
    if modality in _RADIOGRAPHS:
        return None
    if not is_radiograph_modality(modality):
        return (
            f"The file says it is of modality {_plain(modality)}; this lane judges "
            "projection radiographs only."
        )
    if coloured_share(image.stored, image.photometric) > _COLOURED_SHARE:
        return "The picture is in colour, so it is not a radiograph."
    if check is not None and not check.passes(luma):
        return (
            "The picture does not look like a radiograph; this lane judges "
            "projection radiographs only."
        )
    return None


def _plain(modality: str) -> str:
    """Return a modality fit for a sentence: a header may hold anything."""
    known = "".join(c for c in modality[:16] if c.isascii() and c.isalnum())
    return known or "unknown"
