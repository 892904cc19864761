"""What of a practice film's header may be served: numbers, and no words.

A case's header is evidence, and its reader sees it. A practice film's may have been
labelled by whoever made it, and would give the answer away.
"""

from __future__ import annotations

import re

from apps.imaging.schemas import ImageMetaOut
from apps.learning.services.practice_films import MODALITY
from workers.dicom.viewer import NO_WINDOW_LABEL

NUMBER = re.compile(r"[-+]?\d[\d.e+-]*( (ms|mm))?")
UNITS = frozenset({"", "HU"})


def without_words(meta: ImageMetaOut) -> ImageMetaOut:
    """Return what a viewer needs, less every text that the file's maker chose."""
    display = meta.display
    return meta.model_copy(
        update={
            "windows": [
                window.model_copy(
                    update={
                        "label": window.label if window.label == NO_WINDOW_LABEL else ""
                    }
                )
                for window in meta.windows
            ],
            "display": display.model_copy(
                update={
                    "modality": display.modality
                    if MODALITY.fullmatch(display.modality)
                    else "",
                    "value_unit": display.value_unit
                    if display.value_unit in UNITS
                    else "",
                    "technique": [
                        one for one in display.technique if NUMBER.fullmatch(one.value)
                    ],
                }
            ),
        }
    )
