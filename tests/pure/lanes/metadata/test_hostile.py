"""Hostile headers cost neither time nor memory, and crash nothing."""

from __future__ import annotations

import random
import struct
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.pure.lanes.metadata.films import BASES, assess, film
from workers.decode import decode_film
from workers.errors import RejectedInput
from workers.lanes.metadata import MetadataLane
from workers.types import Context

_PIXELS = b"\xe0\x7f\x10\x00OW"
_MEGABYTE = 1 << 20


def _element(group: int, element: int, vr: bytes, value: bytes) -> bytes:
    head = struct.pack("<HH2s", group, element, vr)
    if vr in (b"SQ", b"UT", b"OB", b"UN", b"UC"):
        return head + struct.pack("<HI", 0, len(value)) + value
    return head + struct.pack("<H", len(value)) + value


def _nest(depth: int) -> bytes:
    """Return a sequence in a sequence, `depth` times, of undefined lengths."""
    open_one = struct.pack("<HH2sHI", 0x0008, 0x1140, b"SQ", 0, 0xFFFFFFFF)
    item = struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF)
    close = struct.pack("<HHIHHI", 0xFFFE, 0xE00D, 0, 0xFFFE, 0xE0DD, 0)
    return (open_one + item) * depth + close * depth


def _items(count: int) -> bytes:
    item = struct.pack("<HHI", 0xFFFE, 0xE000, 8) + _element(8, 0x1150, b"UI", b"")
    return _element(0x0008, 0x1140, b"SQ", item * count)


def _insert(tags: bytes) -> Callable[[bytes], bytes]:
    return lambda whole: whole.replace(_PIXELS, tags + _PIXELS, 1)


HOSTILE: dict[str, bytes] = {
    "a short text of 64 KB": _element(0x0018, 0x1020, b"LO", b"A" * 65_000),
    "a name of 64 KB": _element(0x0008, 0x1048, b"PN", b"^=" * 32_000),
    "32,000 numbers for one": _element(0x0018, 0x1190, b"DS", b"1\\" * 32_000),
    "directions without end": _element(0x0020, 0x0020, b"CS", b"LF" * 32_000),
    "a megabyte of comment": _element(
        0x0020, 0x4000, b"UT", b"gimp " * (_MEGABYTE // 5)
    ),
    "a UID of 60 KB": _element(0x0020, 0x000D, b"UI", b"2.25." + b"9" * 60_001),
    "dates without end": _element(0x0008, 0x0020, b"DA", b"20240102\\" * 7_000),
    "100,000 items": _items(100_000),
    "2,000 sequences deep": _nest(2_000),
    "8 MB of private bytes": _element(0x0019, 0x1001, b"UN", bytes(8 * _MEGABYTE)),
    "10,000 private creators": b"".join(
        _element(group, 0x0010, b"LO", b"GEMS_ACQU_01")
        for group in range(0x3001, 0x7F01, 2)
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_header_costs_neither_time_nor_memory(
    tmp_path: Path, name: str
) -> None:
    path = film("dx").write(tmp_path / "film.dcm")
    path.write_bytes(_insert(HOSTILE[name])(path.read_bytes()))
    try:
        image = decode_film(path)
    except RejectedInput:
        return
    started = time.process_time()
    evidence = MetadataLane().assess(image, Context())
    seconds = time.process_time() - started
    # Counting memory takes time itself.
    tracemalloc.start()
    MetadataLane().assess(decode_film(path), Context())
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seconds < 2
    assert peak_bytes < 64 * _MEGABYTE
    assert len(repr(evidence.findings)) < 20_000


@pytest.mark.slow
def test_large_film_is_judged_in_little_memory(tmp_path: Path) -> None:
    """24 million pixels: 48 MB of values and 96 MB of luma, not copied."""
    ramp = (np.arange(6000 * 4000, dtype=np.uint32) % 4093).astype(np.uint16)
    path = tmp_path / "film.dcm"
    built = film("dx")
    built.arguments["array"] = ramp.reshape(6000, 4000)
    image = decode_film(built.write(path))
    tracemalloc.start()
    evidence = MetadataLane().assess(image, Context())
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert evidence.findings is not None
    assert peak_bytes < 200 * _MEGABYTE


def _mutate(whole: bytes, dice: random.Random) -> bytes:
    """Return the file with a few bytes of its header changed, one time in four cut out
    or put in as well, which most often is no header any more."""
    content = bytearray(whole)
    end = whole.index(_PIXELS)
    for _ in range(dice.randint(1, 4)):
        place = dice.randrange(132, end)
        content[place] = dice.choice((0, 32, 48, 57, 65, 92, 255, dice.randrange(256)))
    if dice.random() < 0.25:
        place = dice.randrange(132, end)
        content[place : place + dice.randint(0, 4)] = dice.randbytes(dice.randint(0, 4))
    return bytes(content)


@pytest.mark.parametrize("base", BASES)
def test_random_damage_to_a_header_crashes_nothing(tmp_path: Path, base: str) -> None:
    path = film(base).write(tmp_path / "film.dcm")
    whole = path.read_bytes()
    dice = random.Random(f"metadata {base}")
    judged = 0
    for _ in range(80):
        path.write_bytes(_mutate(whole, dice))
        try:
            evidence = assess(path)
        except RejectedInput:
            continue
        judged += 1
        assert "Test^Film" not in repr(evidence.findings)
    assert judged > 20


@pytest.mark.slow
def test_values_of_every_wrong_kind_crash_no_rule(tmp_path: Path) -> None:
    """Each element of each kind of object is replaced by text that fits nothing."""
    for base in BASES:
        path = film(base).write(tmp_path / "film.dcm")
        image = decode_film(path)
        header = image.header
        assert header is not None
        for tag in list(header.keys()):
            element = header[tag]
            if element.VR in ("SQ", "OB", "OW"):
                continue
            kept = element._value
            for value in ("\x00", "é" * 9, "-1e999", ["a", "b"], b"\xff\xfe", -7, 1.5):
                element._value = value
                MetadataLane().assess(image, Context())
            element._value = kept
