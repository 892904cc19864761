"""Picture files built byte by byte, for the tests of the container lane."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from workers.decode import decode_film
from workers.lanes.container import ContainerLane
from workers.types import Context, Evidence, Finding


def assess(path: Path) -> Evidence:
    """Return what the lane says of a file."""
    return ContainerLane().assess(decode_film(path), Context())


def codes(path: Path) -> set[str]:
    """Return the codes of all findings about a file."""
    return {finding.code for finding in assess(path).findings}


def find(path: Path, code: str) -> Finding:
    """Return the finding with this code."""
    return next(f for f in assess(path).findings if f.code == code)


def make_film(rows: int = 192, columns: int = 160, seed: int = 5) -> NDArray[np.uint8]:
    """Return a grey picture with soft shapes and noise, 8 bits."""
    noise = np.random.default_rng(seed)
    across, down = np.meshgrid(np.linspace(0, 6, columns), np.linspace(0, 7, rows))
    shape = np.sin(across + seed) * np.cos(down * (1 + seed % 3)) * 70 + 128
    values = shape + noise.normal(0, 6, (rows, columns))
    return np.clip(values, 1, 254).astype(np.uint8)


def encode(pixels: Any, kind: str = "JPEG", **options: Any) -> bytes:
    """Return the picture as a file of `kind`."""
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, kind, **options)
    return stream.getvalue()


def chunk(kind: bytes, content: bytes) -> bytes:
    """Return one PNG chunk."""
    body = kind + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


def split_png(whole: bytes) -> list[bytes]:
    """Return the chunks of a PNG, each with its framing."""
    chunks, offset = [], 8
    while offset < len(whole):
        length = int.from_bytes(whole[offset : offset + 4], "big") + 12
        chunks.append(whole[offset : offset + length])
        offset += length
    return chunks


def join_png(chunks: list[bytes]) -> bytes:
    """Return the PNG of these chunks."""
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def segment(marker: int, body: bytes) -> bytes:
    """Return one JPEG segment."""
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def riff(kind: bytes, content: bytes) -> bytes:
    """Return one RIFF chunk, padded."""
    padding = b"\x00" * (len(content) % 2)
    return kind + struct.pack("<I", len(content)) + content + padding


def webp(*chunks: bytes) -> bytes:
    """Return a WebP file of these chunks."""
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def write(path: Path, content: bytes) -> Path:
    """Write a file and return its path."""
    path.write_bytes(content)
    return path
