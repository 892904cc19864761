"""Small copies of films, written into the report itself as data addresses."""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from workers.decode import decode_film
from workers.errors import RejectedInput
from workers.training.conditions import CONDITIONS

MAX_SIDE_PX = 320
_JPEG_QUALITY = 80


@dataclass(frozen=True)
class PictureFolder:
    """Where the films are; seed: that of the evaluation (some conditions draw)."""

    folder: Path
    seed: int

    def draw_thumbnail(self, path: str, condition: str) -> str | None:
        """Return the film as a JPEG data address, None where it cannot be shown.

        path: relative to the folder; one that leads out of it is not followed.
        """
        film = (self.folder / path).resolve()
        if not film.is_relative_to(self.folder.resolve()) or not film.is_file():
            return None
        try:
            luma = decode_film(film).luma
        except RejectedInput:
            return None
        # The draw of score_pictures, so that the picture shown is the one scored.
        rng = np.random.default_rng([self.seed, zlib.crc32(film.name.encode())])
        levels = CONDITIONS.get(condition, CONDITIONS["as_is"])(luma, rng)
        scale = min(1.0, MAX_SIDE_PX / max(levels.shape))
        if scale < 1.0:
            rows, columns = (max(round(side * scale), 1) for side in levels.shape)
            small = cv2.resize(levels, (columns, rows), interpolation=cv2.INTER_AREA)
            levels = np.asarray(small, np.uint8)
        quality = [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY]
        _, payload = cv2.imencode(".jpg", levels, quality)
        encoded = base64.b64encode(payload.tobytes()).decode("ascii")
        return f"data:image/jpeg;base64,{encoded}"
