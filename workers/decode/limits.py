"""How large a film may be. Checked before anything is decoded."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Upper bounds for one file; each is inclusive.

    max_pixels: of one frame. The largest films in use are stitched spines and legs
        (about 3,000 x 10,000 = 30 Mpx) and 50 micrometre mammograms (4,728 x 5,928 =
        28 Mpx); twice that leaves room, and stays below the 89 Mpx at which Pillow
        starts to warn of decompression bombs.
    max_total_pixels: of all frames together (an 80-slice tomosynthesis is 370 Mpx).
    max_inflated_bytes: of a data set in the deflated transfer syntax, which can hold
        a thousand times its own size.
    """

    max_file_bytes: int = 1 << 30
    max_pixels: int = 64_000_000
    max_total_pixels: int = 512_000_000
    max_frames: int = 4_096
    max_inflated_bytes: int = 1 << 30


DEFAULT_LIMITS = Limits()
