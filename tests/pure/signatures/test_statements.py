"""What is said of a signature: statement by statement, with trust and without."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from pydicom import dcmread
from pydicom.dataset import Dataset

from tests import dicom
from tests.pure.signatures.keys import (
    NOW,
    YEAR,
    der_of,
    make_authority,
    make_certificate,
    make_crl,
    make_key,
    make_signer,
    make_stamp,
)
from workers.dicom.signatures.profiles import AUTHORIZATION, CREATOR
from workers.dicom.signatures.sign import FileSigner, sign_file
from workers.dicom.signatures.statements import state_signatures
from workers.dicom.signatures.verify import verify_data_set, verify_file
from workers.types import (
    EnrolledCertificate,
    EnrolledDevice,
    Finding,
    SignatureTrust,
)

DAY = dt.timedelta(days=1)
OVERRIDES = {"DeviceSerialNumber": "SN-1", "PatientComments": "none"}


@pytest.fixture
def signer() -> FileSigner:
    return make_signer()


def sign(tmp_path: Path, signer: FileSigner, *, at: dt.datetime = NOW) -> Path:
    plain = dicom.write_film(tmp_path / "plain.dcm", overrides=OVERRIDES)
    signed = tmp_path / "signed.dcm"
    content = plain.read_bytes()
    signed.write_bytes(sign_file(content, signer=signer, profile=CREATOR, at=at))
    return signed


def state(
    path: Path, trust: SignatureTrust | None = None, *, now: dt.datetime = NOW
) -> dict[str, Finding]:
    signatures = verify_file(path)
    said = state_signatures(dcmread(path), signatures, trust=trust, now=now)
    assert len({finding.code for finding in said}) == len(said)
    return {finding.code: finding for finding in said}


def enrol(
    signer: FileSigner,
    *,
    serial: str = "SN-1",
    valid_until: dt.datetime = NOW + YEAR,
    revoked_at: dt.datetime | None = None,
) -> SignatureTrust:
    known = EnrolledCertificate(
        sha256=signer.certificate.fingerprint(SHA256()).hex(),
        valid_from=NOW - YEAR,
        valid_until=valid_until,
        revoked_at=revoked_at,
    )
    device = EnrolledDevice("d-1", "Room 3", "Test Works", serial, "ROOM3", (known,))
    return SignatureTrust(devices=(device,))


def test_an_absent_signature_is_no_evidence(tmp_path: Path) -> None:
    said = state(dicom.write_film(tmp_path / "plain.dcm"))
    assert {code: finding.weight for code, finding in said.items()} == {
        "signature_absent": 0.0
    }


def test_a_signature_of_nobody_known_says_nothing_of_the_film(
    tmp_path: Path, signer: FileSigner
) -> None:
    said = state(sign(tmp_path, signer))
    assert {code: finding.weight for code, finding in said.items()} == {
        "signature_unknown_signer": 0.0
    }


def test_a_signature_of_an_enrolled_device_is_hard_evidence_for_the_film(
    tmp_path: Path, signer: FileSigner
) -> None:
    said = state(sign(tmp_path, signer), enrol(signer))
    assert list(said) == ["signature_trusted_device"]
    assert said["signature_trusted_device"].weight == -1.0
    assert "Room 3" in said["signature_trusted_device"].text


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        (lambda data: setattr(data, "PatientName", "Other^Name"), ["signature_broken"]),
        (
            lambda data: data[0x4FFE0001].value.clear(),
            ["signature_unreadable"],
        ),
        (
            lambda data: delattr(data[0xFFFAFFFA].value[0], "CertificateOfSigner"),
            ["signature_unreadable"],
        ),
        (
            lambda data: setattr(data, "ImageComments", "added later"),
            ["signature_trusted_device", "signature_partial"],
        ),
    ],
)
def test_what_was_changed_after_signing_is_said(
    tmp_path: Path,
    signer: FileSigner,
    change: Callable[[Dataset], None],
    codes: list[str],
) -> None:
    path = sign(tmp_path, signer)
    data_set = dcmread(path)
    change(data_set)
    data_set.save_as(path)
    said = state(path, enrol(signer))
    assert list(said) == codes
    if codes == ["signature_broken"]:
        assert said["signature_broken"].weight >= 0.7
    assert "Other" not in "".join(finding.text for finding in said.values())


def test_a_header_that_names_another_serial_number_is_a_finding(
    tmp_path: Path, signer: FileSigner
) -> None:
    said = state(sign(tmp_path, signer), enrol(signer, serial="SN-2"))
    assert said["signature_other_device"].weight >= 0.7
    assert said["signature_other_device"].detail["fields"] == ["DeviceSerialNumber"]
    # It outweighs: the same signature must not clear the film.
    assert said["signature_trusted_device"].weight == 0.0


def test_a_revoked_certificate_counts_for_nothing_whenever_it_signed(
    tmp_path: Path, signer: FileSigner
) -> None:
    path = sign(tmp_path, signer, at=NOW - DAY)
    said = state(path, enrol(signer, revoked_at=NOW))
    assert said["signature_revoked"].weight >= 0.7
    assert min(finding.weight for finding in said.values()) >= 0


def test_a_certificate_that_was_replaced_before_is_said(
    tmp_path: Path, signer: FileSigner
) -> None:
    path = sign(tmp_path, signer)
    said = state(path, enrol(signer, valid_until=NOW - DAY))
    assert "signature_ended_device" in said
    assert min(finding.weight for finding in said.values()) >= 0


def test_an_authority_vouches_for_a_signer_and_its_list_revokes_it(
    tmp_path: Path,
) -> None:
    key = make_key("rsa", 2)
    root = (key, make_certificate(key, "Hospital CA", is_authority=True))
    leaf_key = make_key("rsa", 3)
    leaf = make_certificate(leaf_key, "Room 3", issuer=root)
    path = sign(tmp_path, FileSigner(leaf, leaf_key))
    anchors = (der_of(root[1]),)
    said = state(path, SignatureTrust(anchors=anchors))
    assert "Hospital CA" in said["signature_known_authority"].text
    assert said["signature_known_authority"].weight == 0.0

    revoked = SignatureTrust(anchors=anchors, crls=(der_of(make_crl(root, leaf)),))
    assert "signature_revoked" in state(path, revoked)
    # A list of somebody else says nothing, whatever it names.
    other = (make_key("rsa", 4), make_certificate(make_key("rsa", 4), "Hospital CA"))
    forged = SignatureTrust(anchors=anchors, crls=(der_of(make_crl(other, leaf)),))
    assert "signature_revoked" not in state(path, forged)


@pytest.mark.parametrize("is_authority", [False, True])
def test_only_an_authority_can_vouch(tmp_path: Path, is_authority: bool) -> None:
    root_key, middle_key, leaf_key = (make_key("rsa", n) for n in (2, 3, 4))
    root = (root_key, make_certificate(root_key, "CA", is_authority=True))
    middle = make_certificate(
        middle_key, "Room 3", issuer=root, is_authority=is_authority
    )
    leaf = make_certificate(leaf_key, "Forged", issuer=(middle_key, middle))
    path = sign(tmp_path, FileSigner(leaf, leaf_key))
    trust = SignatureTrust(anchors=(der_of(root[1]), der_of(middle)))
    assert ("signature_known_authority" in state(path, trust)) is is_authority


def test_an_expired_certificate_is_told_from_one_that_was_never_valid(
    tmp_path: Path,
) -> None:
    key = make_key()
    short = FileSigner(
        make_certificate(key, valid_from=NOW - DAY, valid_until=NOW + DAY), key
    )
    path = sign(tmp_path, short)
    assert "signature_expired_since" not in state(path)
    later = state(path, now=NOW + YEAR)
    assert later["signature_expired_since"].weight == 0.0

    # Signing refuses; a forger does not: the same key with another certificate.
    data_set = dcmread(path)
    old = make_certificate(key, valid_from=NOW - 2 * YEAR, valid_until=NOW - YEAR)
    data_set[0xFFFAFFFA].value[0].CertificateOfSigner = der_of(old)
    data_set.save_as(path)
    assert state(path)["signature_outside_validity"].weight >= 0.5


def test_a_time_stamp_is_checked_and_fixes_the_time(
    tmp_path: Path, signer: FileSigner
) -> None:
    path = sign(tmp_path, signer)
    authority = make_authority()

    def stamp(
        over: bytes | None = None, *, at: dt.datetime = NOW
    ) -> dict[str, Finding]:
        data_set = dcmread(path)
        item = data_set[0xFFFAFFFA].value[0]
        item.CertifiedTimestampType = "CMS_TSP"
        item.CertifiedTimestamp = make_stamp(over or item.Signature, authority, at=at)
        data_set.save_as(path)
        return state(path, enrol(signer, valid_until=NOW + DAY))

    said = stamp()
    assert "Time authority" in said["signature_stamped"].text
    assert said["signature_trusted_device"].weight == -1.0
    assert stamp(b"another")["signature_stamp_broken"].weight >= 0.5
    # Certified after the certificate had ended, whatever the signer states.
    assert "signature_ended_device" in stamp(at=NOW + 3 * DAY)


def test_a_time_stamp_says_whether_anybody_vouches_for_its_authority(
    tmp_path: Path, signer: FileSigner
) -> None:
    path = sign(tmp_path, signer)
    root_key = make_key("p256", 8)
    root = make_certificate(root_key, "Time root", is_authority=True)
    other = make_certificate(make_key("p256", 7), "Other root", is_authority=True)
    authority = make_authority(issuer=(root_key, root))
    data_set = dcmread(path)
    item = data_set[0xFFFAFFFA].value[0]
    item.CertifiedTimestampType = "CMS_TSP"
    item.CertifiedTimestamp = make_stamp(item.Signature, authority)
    data_set.save_as(path)
    vouched = state(path, SignatureTrust(anchors=(der_of(root),)))
    assert "CN=Time root vouches" in vouched["signature_stamped"].text
    for trust in (SignatureTrust(anchors=(der_of(other),)), SignatureTrust()):
        text = state(path, trust)["signature_stamped"].text
        assert "unknown here" in text
        assert "vouches" not in text


def test_a_stamp_with_an_altered_time_does_not_hold(
    tmp_path: Path, signer: FileSigner
) -> None:
    path = sign(tmp_path, signer)
    data_set = dcmread(path)
    item = data_set[0xFFFAFFFA].value[0]
    token = make_stamp(item.Signature, make_authority())
    assert b"20260601120000Z" in token
    item.CertifiedTimestampType = "CMS_TSP"
    item.CertifiedTimestamp = token.replace(b"20260601120000Z", b"20250601120000Z")
    data_set.save_as(path)
    assert "signature_stamp_broken" in state(path)


def test_what_a_signature_leaves_out_is_named(
    tmp_path: Path, signer: FileSigner
) -> None:
    """By a list of elements that a careless or hostile signer made."""
    path = sign(tmp_path, signer)
    data_set = dcmread(path)
    for tag in (0x00100010, 0x7FE00010):
        (parameters,) = data_set[0x4FFE0001].value
        left = [t for t in parameters.DataElementsSigned if int(t) != tag]
        parameters.DataElementsSigned = left
    (signature,) = verify_data_set(data_set)
    assert not signature.covers_pixels
    assert not signature.covers_patient
    assert set(signature.uncovered_tags) == {0x00100010, 0x7FE00010}
    assert signature.profiles == ()


@pytest.mark.parametrize(
    ("change", "code", "weight"),
    [
        ({"is_hash_weak": True}, "signature_weak", 0.0),
        ({"signed_tags": (0x00100010,)}, "signature_without_pixels", 0.25),
        ({"path": "(0008,2218)[0]"}, "signature_of_item", 0.0),
        ({"signed_at": None}, "signature_undated", 0.25),
        ({"uncovered_tags": (0x00100010,)}, "signature_without_patient", 0.0),
    ],
)
def test_what_weakens_a_signature_is_said_and_it_clears_nothing(
    tmp_path: Path,
    signer: FileSigner,
    change: dict[str, Any],
    code: str,
    weight: float,
) -> None:
    path = sign(tmp_path, signer)
    (whole,) = verify_file(path)
    weakened = replace(whole, **change)
    if "signed_tags" in change:
        left = set(whole.signed_tags) - set(change["signed_tags"])
        weakened = replace(weakened, uncovered_tags=tuple(sorted(left)))
    said = state_signatures(dcmread(path), (weakened,), trust=enrol(signer), now=NOW)
    assert {finding.code: finding.weight for finding in said}[code] == weight
    assert min(finding.weight for finding in said) >= 0


def test_profiles_are_recognised(tmp_path: Path, signer: FileSigner) -> None:
    (signature,) = verify_file(sign(tmp_path, signer))
    assert signature.profiles == (CREATOR, AUTHORIZATION)
    assert signature.signed_at == NOW
