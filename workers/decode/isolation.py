"""Work in a process of its own, for libraries that abort on damaged input.

`open_child` starts a child with a deadline and writes it one request as a JSON line.
For frames it is `python -m workers.decode.isolated`, which answers, for each frame, a
JSON line and the values; if it dies, the film is refused.
"""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from workers.decode.header import FilmHeader
from workers.decode.limits import Limits
from workers.errors import UnreadableFile

# The largest film (512 Mpx over all frames) takes under a minute; beyond it hangs.
_DEADLINE_S = 180.0
_MOST_LINE_BYTES = 4096


def decode_elsewhere(
    header: FilmHeader, indexes: Sequence[int], limits: Limits
) -> Iterator[tuple[NDArray[Any], str]]:
    """Yield (stored values, photometric interpretation) of the frames, in order."""
    request = {
        "path": str(header.path.resolve()),
        "indexes": list(indexes),
        "limits": dataclasses.asdict(limits),
    }
    arguments = ["-m", "workers.decode.isolated"]
    try:
        with open_child(arguments, request, deadline_s=_DEADLINE_S) as stream:
            for _ in indexes:
                yield _read_frame(stream, header)
    except ChildDied:
        raise _died() from None


class ChildDied(Exception):
    """The child was gone before it had taken its request."""


@contextmanager
def open_child(
    arguments: Sequence[str],
    request: object,
    *,
    deadline_s: float,
    folder: Path | None = None,
) -> Iterator[IO[bytes]]:
    """Yield the standard output of a Python child that was sent `request`.

    arguments: of the interpreter.  deadline_s: when the child is killed, so that its
    output ends.  folder: its working folder, by default this process's own.
    The child is killed when the block is left. Raises ChildDied.
    """
    root = str(Path(__file__).parents[2])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    with subprocess.Popen(
        [sys.executable, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
    ) as child:
        watchdog = threading.Timer(deadline_s, child.kill)
        watchdog.start()
        try:
            if child.stdin is None or child.stdout is None:
                raise ChildDied
            try:
                child.stdin.write(json.dumps(request).encode() + b"\n")
                child.stdin.close()
            except BrokenPipeError:
                raise ChildDied from None
            yield child.stdout
        finally:
            watchdog.cancel()
            child.kill()


def _died() -> UnreadableFile:
    return UnreadableFile(
        "The picture is damaged and cannot be decoded.", code="bad_pixel_data"
    )


def _read_frame(stream: IO[bytes], header: FilmHeader) -> tuple[NDArray[Any], str]:
    line = stream.readline(_MOST_LINE_BYTES)
    try:
        answer = json.loads(line)
        dtype = np.dtype(answer["dtype"])
        shape = tuple(int(size) for size in answer["shape"])
        photometric = str(answer["photometric"])
    except (ValueError, KeyError, TypeError):
        raise _died() from None
    expected = header.rows * header.columns * header.samples * dtype.itemsize
    content = stream.read(expected)
    if len(content) != expected or int(np.prod(shape)) * dtype.itemsize != expected:
        raise _died()
    # A copy, because arrays over bytes are read-only.
    return np.frombuffer(content, dtype).reshape(shape).copy(), photometric
