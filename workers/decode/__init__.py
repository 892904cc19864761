"""Bytes to films, limits enforced.

`read_header` is cheap and refuses what can be refused; `decode_film` gives the lanes
their image; `decode_frame` gives the viewer one frame. Pixels stay as stored: EXIF
orientation and ICC profiles are not applied.
"""

from workers.decode.film import (
    ViewerFrame,
    decode_film,
    decode_frame,
    hash_file,
    read_header,
    render_luma,
)
from workers.decode.formats import identify_format
from workers.decode.header import FilmHeader, PixelElement
from workers.decode.limits import DEFAULT_LIMITS, Limits

__all__ = [
    "DEFAULT_LIMITS",
    "FilmHeader",
    "Limits",
    "PixelElement",
    "ViewerFrame",
    "decode_film",
    "decode_frame",
    "hash_file",
    "identify_format",
    "read_header",
    "render_luma",
]
