"""The child of `workers.decode.isolation`: decodes the frames it is asked for.

Answers on standard output; exits with status 1 where the film is refused.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import IO

import numpy as np

from workers.decode.film import read_header
from workers.decode.frames import read_frames_here
from workers.decode.limits import Limits
from workers.errors import RejectedInput


def answer_request(line: bytes, out: IO[bytes]) -> None:
    """Write the frames that one request asks for."""
    request = json.loads(line)
    limits = Limits(**request["limits"])
    header = read_header(Path(request["path"]), limits=limits)
    for values, photometric in read_frames_here(header, request["indexes"], limits):
        head = {
            "dtype": values.dtype.newbyteorder("<").str,
            "shape": values.shape,
            "photometric": photometric,
        }
        out.write(json.dumps(head).encode() + b"\n")
        little = values.astype(values.dtype.newbyteorder("<"), copy=False)
        out.write(np.ascontiguousarray(little).tobytes())
    out.flush()


if __name__ == "__main__":
    try:
        answer_request(sys.stdin.buffer.readline(), sys.stdout.buffer)
    except RejectedInput:
        sys.exit(1)
