"""Content credentials made to do harm: told as unreadable, never a crash."""

from __future__ import annotations

import copy
import datetime as dt
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from tests import dicom
from tests.credentials import make_action, make_signer, sign_picture
from workers.decode import decode_film
from workers.decode.isolation import open_child
from workers.lanes.provenance import ProvenanceLane, store
from workers.lanes.provenance.declarations import state_declarations
from workers.lanes.provenance.integrity import (
    state_ingredients,
    state_integrity,
)
from workers.lanes.provenance.signing import state_signature, summarise
from workers.lanes.provenance.store import CredentialsUnreadable, parse_answer
from workers.types import Context, Evidence, LaneStatus

NOW = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)


def assess(path: Path) -> Evidence:
    return ProvenanceLane().assess(decode_film(path), Context())


def write_png_with_store(path: Path, content: bytes) -> int:
    """Write a film whose manifest store is `content`; return the chunk's offset."""
    dicom.write_png(path, dicom.make_pixels(bits_stored=8))
    return dicom.insert_png_chunk(path, b"caBX", content)


def cut_store(signed: bytes) -> bytes:
    """Return the manifest store of a signed PNG."""
    start = signed.index(b"caBX")
    size = int.from_bytes(signed[start - 4 : start], "big")
    return signed[start + 4 : start + 4 + size]


@pytest.fixture(scope="module")
def real_store() -> bytes:
    encoded = io.BytesIO()
    Image.fromarray(dicom.make_pixels(bits_stored=8)).save(encoded, "PNG")
    actions = [make_action(source="trainedAlgorithmicMedia")]
    return cut_store(sign_picture(encoded.getvalue(), "PNG", make_signer(), actions))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\x00\x00\x10jumb" + bytes(8),
        b"\xff\xff\xff\xffjumb" * 64,
        np.random.default_rng(3).bytes(5000),
        np.random.default_rng(4).bytes(10 << 20),
        b"\x00\x00\x00\x08jumb" * 200_000,
    ],
    ids=["empty", "stub", "lengths", "random", "10 MB", "nested"],
)
def test_garbage_is_said_to_be_unreadable(tmp_path: Path, content: bytes) -> None:
    offset = write_png_with_store(tmp_path / "film.png", content)
    evidence = assess(tmp_path / "film.png")
    assert evidence.status is LaneStatus.NOT_ASSESSABLE
    (finding,) = evidence.findings
    assert (finding.code, finding.weight) == ("c2pa_unreadable", 0.25)
    assert finding.detail["offset"] == offset
    assert "could not be read" in evidence.reason


def test_store_beyond_the_bound_is_not_opened(tmp_path: Path) -> None:
    write_png_with_store(tmp_path / "film.png", bytes((16 << 20) + 1))
    (finding,) = assess(tmp_path / "film.png").findings
    assert finding.detail["why"] == "too_large"


def test_jpeg_stub_is_found_in_app11(tmp_path: Path) -> None:
    path = tmp_path / "film.jpg"
    Image.fromarray(dicom.make_pixels(bits_stored=8)).save(path, "JPEG")
    body = b"JP\x00\x01\x00\x00\x00\x01\x00\x00\x00\x20jumb" + bytes(24)
    whole = path.read_bytes()
    segment = b"\xff\xeb" + (len(body) + 2).to_bytes(2, "big") + body
    path.write_bytes(whole[:2] + segment + whole[2:])
    (finding,) = assess(path).findings
    assert (finding.code, finding.detail["offset"]) == ("c2pa_unreadable", 2)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_truncated_store_is_never_a_match(
    tmp_path: Path, real_store: bytes, share: float
) -> None:
    kept = real_store[: int(len(real_store) * share)]
    write_png_with_store(tmp_path / "film.png", kept)
    codes = {finding.code for finding in assess(tmp_path / "film.png").findings}
    assert "c2pa_bytes_match" not in codes
    assert codes


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    place=st.integers(0, 1 << 20),
    noise=st.binary(min_size=1, max_size=40),
    replaces=st.booleans(),
)
@pytest.mark.slow
def test_damaged_store_gives_statements_or_a_refusal(
    tmp_path: Path, real_store: bytes, place: int, noise: bytes, replaces: bool
) -> None:
    start = place % len(real_store)
    tail = real_store[start + len(noise) * replaces :]
    write_png_with_store(tmp_path / "film.png", real_store[:start] + noise + tail)
    evidence = assess(tmp_path / "film.png")
    codes = {finding.code for finding in evidence.findings}
    assert codes
    assert "lane" not in evidence.reason


@pytest.mark.parametrize(
    ("program", "deadline_s"),
    [
        ("import os; os.abort()", 20.0),
        ("import time; time.sleep(60)", 0.5),
        ('import sys; sys.stdout.write(\'{"outcome": "re\'); sys.exit(3)', 20.0),
    ],
    ids=["panic", "hang", "half an answer"],
)
def test_child_that_dies_or_hangs_is_a_refusal(program: str, deadline_s: float) -> None:
    with open_child(["-c", program], {}, deadline_s=deadline_s) as stream:
        line = stream.read()
    with pytest.raises(CredentialsUnreadable) as refusal:
        parse_answer(line)
    assert refusal.value.kind == "crash"


@pytest.mark.skipif(sys.platform != "linux", reason="needs RLIMIT_AS to be obeyed")
def test_child_may_not_take_more_than_its_memory() -> None:
    child = Path(store.__file__).with_name("store_child.py")
    program = (
        "import runpy; child = runpy.run_path(r'" + str(child) + "');"
        "child['_limit_memory'](448 << 20); bytearray(448 << 20)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=False
    )
    assert done.returncode == 1
    assert b"MemoryError" in done.stderr


ANSWER: dict[str, Any] = {
    "outcome": "read",
    "anchors": "none",
    "active": "urn:a",
    "report": {
        "manifests": [
            {
                "label": "urn:a",
                "claim.v2": {"gathered_assertions": [{"url": "x/c2pa.actions.v2"}]},
                "assertions": {
                    "c2pa.actions.v2": {
                        "actions": [
                            {
                                "action": "c2pa.created",
                                "softwareAgent": {"name": "Maker"},
                                "digitalSourceType": "http://cv.iptc.org/newscodes/"
                                "digitalsourcetype/trainedAlgorithmicMedia",
                            }
                        ]
                    },
                    "c2pa.ingredient.v3": {
                        "relationship": "parentOf",
                        "activeManifest": {"url": "self#jumbf=/c2pa/urn:a"},
                    },
                },
                "signature": {
                    "certificateInfo": {
                        "subject": {"O": "Maker", "CN": "Key 1"},
                        "issuer": {"O": "Root"},
                        "validity": {
                            "notBefore": "2025-01-01T00:00:00+00:00",
                            "notAfter": "2026-01-01T00:00:00+00:00",
                        },
                    },
                    "timeStampInfo": {"timestamp": "2025-06-01T00:00:00+00:00"},
                },
                "validationResults": {
                    "success": [{"code": "claimSignature.validated", "url": "a/b"}],
                    "informational": [],
                    "failure": [{"code": "signingCredential.untrusted"}],
                },
            }
        ]
    },
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["code", "url", "O", "action", "digitalSourceType", "label"]
            )
            | st.text(max_size=8),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


def list_places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    places = [path] if path else []
    for key, item in inner:
        if isinstance(item, dict | list):
            places += list_places(item, (*path, key))
        else:
            places.append((*path, key))
    return places


@given(place=st.sampled_from(list_places(ANSWER)), value=JSON)
def test_any_answer_is_a_store_or_a_refusal(place: tuple[Any, ...], value: Any) -> None:
    answer = copy.deepcopy(ANSWER)
    holder: Any = answer
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = value
    try:
        found = parse_answer(json.dumps(answer).encode())
    except CredentialsUnreadable:
        return
    findings = [
        *state_declarations(found),
        *state_integrity(found),
        *state_ingredients(found),
        *state_signature(found, NOW),
    ]
    assert all(-1 <= finding.weight <= 1 for finding in findings)
    json.dumps([finding.detail for finding in findings], allow_nan=False)
    assert summarise(found, NOW).isprintable()
    assert all(finding.text.isprintable() for finding in findings)


@given(st.binary(max_size=200))
def test_any_bytes_from_the_child_are_a_refusal(line: bytes) -> None:
    with pytest.raises(CredentialsUnreadable):
        parse_answer(line)


def test_expired_stamp_of_nobody_is_worded_as_doubt() -> None:
    found = parse_answer(json.dumps(ANSWER).encode())
    texts = [finding.text for finding in state_signature(found, NOW)]
    assert any("if the time stamp is to be believed" in text for text in texts)
    assert any("no trust anchor vouches for" in text for text in texts)
