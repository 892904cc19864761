"""The forge: makes known fakes out of real films, for tests, teaching and training.

Pure functions. Every one takes a seed and gives the same answer for the same input.
Arrays are (rows, columns), integer stored values or float luma; the answer has the same
type and stays inside the range of the input.
"""

from workers.training.forge.edits import copy_move, flip, resynthesise_region, rewindow
from workers.training.forge.files import forge_header, truncate
from workers.training.forge.upsampling import (
    UPSAMPLERS,
    double_size,
    upsample_round_trip,
)
from workers.training.forge.whole import photograph_screen, resynthesise_image

__all__ = [
    "UPSAMPLERS",
    "copy_move",
    "double_size",
    "flip",
    "forge_header",
    "photograph_screen",
    "resynthesise_image",
    "resynthesise_region",
    "rewindow",
    "truncate",
    "upsample_round_trip",
]
