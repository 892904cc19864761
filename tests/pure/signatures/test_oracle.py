"""Both ways against DCMTK: what it signs we verify, what we sign it verifies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    RLELossless,
)

from tests import dicom
from tests.pure.signatures import oracle
from tests.pure.signatures.keys import NOW, make_signer, pem_of
from workers.dicom.signatures.model import Integrity
from workers.dicom.signatures.profiles import CREATOR
from workers.dicom.signatures.sign import sign_file
from workers.dicom.signatures.stream import feed_elements, feed_signature_item
from workers.dicom.signatures.verify import verify_file

SYNTAXES = (
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
    RLELossless,
    JPEG2000Lossless,
)
MACS = {
    "RIPEMD160": "+mr",
    "SHA1": "+ms",
    "MD5": "+mm",
    "SHA256": "+m2",
    "SHA384": "+m3",
    "SHA512": "+m5",
}
PRIVATE_BLOCK = 0x00091000
forty = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

_words = st.text("ABC xyz019", min_size=0, max_size=12).map(str.strip)
_values: dict[str, st.SearchStrategy[Any]] = {
    "AE": _words,
    "AS": st.sampled_from(["", "012Y", "003M"]),
    "AT": st.integers(0, 0xFFFFFFFF),
    "CS": _words.map(str.upper),
    "DA": st.sampled_from(["", "20240229"]),
    "DS": st.sampled_from(["", "1.5", "-0.25"]),
    "DT": st.sampled_from(["", "20240229101500.5+0100"]),
    "FD": st.lists(st.floats(-1e9, 1e9), max_size=3),
    "FL": st.lists(st.floats(-1e6, 1e6, width=32), max_size=3),
    "IS": st.sampled_from(["", "42"]),
    "LO": _words,
    "LT": _words,
    "OB": st.binary(max_size=9),
    "OD": st.lists(st.just(b"12345678"), max_size=2).map(b"".join),
    "OF": st.lists(st.just(b"\0\0\x80\x3f"), max_size=2).map(b"".join),
    "OL": st.lists(st.just(b"abcd"), max_size=2).map(b"".join),
    "OW": st.lists(st.just(b"ab"), max_size=3).map(b"".join),
    "PN": st.sampled_from(["", "Müller^Jörg", "Test^Film"]),
    "SH": _words,
    "SL": st.lists(st.integers(-(2**31), 2**31 - 1), max_size=3),
    "SS": st.lists(st.integers(-(2**15), 2**15 - 1), max_size=3),
    "ST": _words,
    "SV": st.lists(st.integers(-(2**63), 2**63 - 1), max_size=2),
    "TM": st.sampled_from(["", "101500"]),
    "UC": _words,
    "UI": st.sampled_from(["", "1.2.3", "1.2.34"]),
    "UL": st.lists(st.integers(0, 2**32 - 1), max_size=3),
    "UN": st.binary(max_size=8),
    "UR": st.sampled_from(["", "https://example.org/a"]),
    "US": st.lists(st.integers(0, 2**16 - 1), max_size=3),
    "UT": _words,
    "UV": st.lists(st.integers(0, 2**64 - 1), max_size=2),
}
_elements = st.lists(
    st.sampled_from(sorted(_values)).flatmap(
        lambda vr: st.tuples(st.just(vr), _values[vr])
    ),
    max_size=6,
)
_levels = st.recursive(
    st.tuples(_elements, st.just(())),
    lambda inner: st.tuples(_elements, st.lists(inner, max_size=2)),
    max_leaves=5,
)


def fill(target: Dataset, level: Any) -> Dataset:
    """Add private elements of any VR, and below them items of the same kind."""
    elements, inner = level
    target.add_new(0x00090010, "LO", "TRUEFILM TEST")
    for number, (vr, value) in enumerate(elements):
        target.add_new(PRIVATE_BLOCK + number, vr, value)
    items = Sequence([fill(Dataset(), part) for part in inner])
    target.add_new(PRIVATE_BLOCK + 0x80, "SQ", items)
    return target


def write_film(folder: Path, level: Any, syntax: UID) -> Path:
    path = dicom.write_film(folder / "plain.dcm", transfer_syntax=syntax)
    data_set = dcmread(path)
    data_set.SpecificCharacterSet = "ISO_IR 192"
    data_set.PatientName = "Müller^Jörg=山田^太郎"
    fill(data_set, level)
    data_set.save_as(path)
    return path


def stream_of(path: Path) -> bytes:
    data_set = dcmread(path)
    (parameters,) = data_set[0x4FFE0001].value
    (item,) = data_set[0xFFFAFFFA].value
    parts: list[bytes] = []

    def feed(part: bytes | memoryview) -> None:
        parts.append(bytes(part))

    feed_elements(dcmread(path), parameters.DataElementsSigned, feed)
    feed_signature_item(item, feed)
    return b"".join(parts)


@pytest.mark.slow
@forty
@given(
    level=_levels,
    syntax=st.sampled_from(SYNTAXES),
    mac=st.sampled_from(sorted(MACS)),
    kind=st.sampled_from(["rsa", "p256"]),
    length=st.sampled_from(["+e", "-e"]),
)
def test_we_verify_what_dcmsign_signs(
    tmp_path: Path, level: Any, syntax: UID, mac: str, kind: str, length: str
) -> None:
    oracle.find_tool()
    signer = make_signer(kind)
    plain = write_film(tmp_path, level, syntax)
    signed = tmp_path / "signed.dcm"
    # Written in explicit VR: what it signs and then writes as implicit has lost the VRs
    # of private elements, for its own verification too.
    written = ["+te"] if syntax == ImplicitVRLittleEndian else []
    dumped = oracle.sign(
        plain, signed, signer.key, signer.certificate, MACS[mac], length, *written
    )
    assert stream_of(signed) == dumped
    (signature,) = verify_file(signed)
    assert signature.integrity is Integrity.INTACT, signature.problem
    assert signature.algorithm == mac
    assert signature.covers_pixels
    assert signature.covers_patient


@pytest.mark.slow
@forty
@given(
    level=_levels,
    syntax=st.sampled_from(SYNTAXES),
    mac=st.sampled_from(["SHA256", "SHA384", "SHA512"]),
    # Not P-521: of its signatures of odd length dcmsign reads the pad byte as a part.
    kind=st.sampled_from(["rsa", "p256"]),
    data=st.data(),
)
def test_dcmsign_verifies_what_we_sign_and_both_reject_what_was_changed(
    tmp_path: Path, level: Any, syntax: UID, mac: str, kind: str, data: Any
) -> None:
    oracle.find_tool()
    signer = make_signer(kind)
    plain = write_film(tmp_path, level, syntax)
    content = sign_file(
        plain.read_bytes(), signer=signer, profile=CREATOR, at=NOW, algorithm=mac
    )
    path = tmp_path / "signed.dcm"
    path.write_bytes(content)
    (signature,) = verify_file(path)
    assert signature.integrity is Integrity.INTACT
    assert oracle.count_intact(path, signer.certificate) == (1, 1)

    # A sequence with an element of an unknown VR in it cannot be signed.
    covered = [tag for tag in CHANGES if tag not in signature.uncovered_tags]
    data_set = dcmread(path)
    CHANGES[data.draw(st.sampled_from(covered))](data_set)
    data_set.save_as(path)
    (signature,) = verify_file(path)
    assert signature.integrity is Integrity.BROKEN
    assert oracle.count_intact(path, signer.certificate) == (0, 1)


def change_patient(data_set: Dataset) -> None:
    data_set.PatientName = "Other^Name"


def change_pixel(data_set: Dataset) -> None:
    # In the middle: of a fragment, where the picture is compressed.
    content = bytearray(data_set.PixelData)
    content[len(content) // 2] ^= 1
    data_set.PixelData = bytes(content)


def change_private(data_set: Dataset) -> None:
    data_set[0x00090010].value = "TRUEFILM TAST"


def drop_element(data_set: Dataset) -> None:
    del data_set.StudyDate


def add_item(data_set: Dataset) -> None:
    item = Dataset()
    item.CodeValue = "X"
    data_set[PRIVATE_BLOCK + 0x80].value.append(item)


def change_time(data_set: Dataset) -> None:
    data_set[0xFFFAFFFA].value[0].DigitalSignatureDateTime = "20200101000000.0+0000"


def change_signature(data_set: Dataset) -> None:
    item = data_set[0xFFFAFFFA].value[0]
    item.Signature = (
        item.Signature[:-3] + bytes([item.Signature[-3] ^ 4]) + (item.Signature[-2:])
    )


def change_algorithm(data_set: Dataset) -> None:
    parameters = data_set[0x4FFE0001].value[0]
    named = parameters.MACAlgorithm
    parameters.MACAlgorithm = "SHA384" if named != "SHA384" else "SHA512"


# By the element that they change.
CHANGES = {
    0x00080020: drop_element,
    0x00090010: change_private,
    PRIVATE_BLOCK + 0x80: add_item,
    0x00100010: change_patient,
    0x04000015: change_algorithm,
    0x04000105: change_time,
    0x04000120: change_signature,
    0x7FE00010: change_pixel,
}


def test_a_second_signature_leaves_the_first_intact(tmp_path: Path) -> None:
    oracle.find_tool()
    device, person = make_signer(), make_signer("p256", name="R. First")
    plain = dicom.write_film(tmp_path / "plain.dcm")
    signed = tmp_path / "signed.dcm"
    oracle.sign(plain, signed, device.key, device.certificate, "+m2")
    twice = sign_file(signed.read_bytes(), signer=person, profile=CREATOR, at=NOW)
    signed.write_bytes(twice)
    both = verify_file(signed)
    assert [s.integrity for s in both] == [Integrity.INTACT] * 2
    assert [s.mac_id for s in both] == [0, 1]
    trusted = (device.certificate, person.certificate)
    assert oracle.count_intact(signed, *trusted) == (2, 2)


def test_dcmsign_signs_in_an_item_and_we_say_where(tmp_path: Path) -> None:
    oracle.find_tool()
    signer = make_signer()
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = "1", "TEST", "Test"
    plain = dicom.write_film(
        tmp_path / "plain.dcm", overrides={"AnatomicRegionSequence": Sequence([item])}
    )
    signed = tmp_path / "signed.dcm"
    (tmp_path / "key.pem").write_bytes(pem_of(signer.key))
    (tmp_path / "certificate.pem").write_bytes(pem_of(signer.certificate))
    oracle.run(
        "+si",
        tmp_path / "key.pem",
        tmp_path / "certificate.pem",
        "AnatomicRegionSequence[0]",
        "+m2",
        plain,
        signed,
    )
    (signature,) = verify_file(signed)
    assert signature.integrity is Integrity.INTACT
    assert signature.path == "(0008,2218)[0]"
    assert not signature.covers_pixels
    assert signature.profiles == ()
