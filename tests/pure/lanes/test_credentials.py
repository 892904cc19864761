"""Content credentials: every statement apart, on files signed here and on real ones."""

from __future__ import annotations

import datetime as dt
import io
import re
from functools import cache
from pathlib import Path

import pytest
from asn1crypto import cms, pem
from PIL import Image

from tests import dicom
from tests.credentials import Signer, make_action, make_signer, sign_picture
from workers.decode import decode_film
from workers.fusion import fuse
from workers.lanes.provenance import ProvenanceLane
from workers.types import Context, CredentialTrust, Evidence, Finding, LaneStatus

AI = "trainedAlgorithmicMedia"
VECTORS = Path(__file__).parents[2] / "vectors" / "c2pa"
REAL = Path(__file__).parents[4] / "shared" / "data" / "c2pa"
DAY = dt.timedelta(days=1)


@cache
def signer() -> Signer:
    return make_signer()


def make_plain(kind: str) -> bytes:
    encoded = io.BytesIO()
    Image.fromarray(dicom.make_pixels(bits_stored=8)).save(encoded, kind)
    return encoded.getvalue()


@cache
def make_signed(kind: str, source: str = AI) -> bytes:
    return sign_picture(make_plain(kind), kind, signer(), [make_action(source=source)])


def assess(
    tmp_path: Path,
    content: bytes,
    anchors: tuple[bytes, ...] = (),
    *,
    later: dt.timedelta = dt.timedelta(0),
) -> Evidence:
    path = tmp_path / "film"
    path.write_bytes(content)
    trust = CredentialTrust(anchors=anchors) if anchors else None
    lane = ProvenanceLane(clock=lambda: dt.datetime.now(dt.UTC) + later)
    return lane.assess(decode_film(path), Context(credential_trust=trust))


def weights(evidence: Evidence) -> dict[str, float]:
    return {finding.code: finding.weight for finding in evidence.findings}


def find(evidence: Evidence, code: str) -> Finding:
    return next(finding for finding in evidence.findings if finding.code == code)


def flip(content: bytes, offset: int) -> bytes:
    changed = bytearray(content)
    changed[offset] ^= 1
    return bytes(changed)


def flip_pixel(kind: str, content: bytes) -> bytes:
    """Return the file with one bit of the picture changed that decodes all the same."""
    if kind == "TIFF":
        return flip(content, 60)
    if kind == "WEBP":
        return flip(content, content.index(b"VP8 ") + 200)
    mark = b"IDAT" if kind == "PNG" else b"\xff\xda"
    if kind == "JPEG":
        return flip(content, content.rindex(mark) + 300)
    # The checksum of the last chunk: the pixels stay, the file is another.
    return flip(content, content.rindex(b"IEND") + 5)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_intact_declaration_of_ai_is_hard_evidence(tmp_path: Path, kind: str) -> None:
    evidence = assess(tmp_path, make_signed(kind))
    said = weights(evidence)
    assert evidence.status is LaneStatus.FINDING
    assert said["c2pa_declares_ai"] == 1.0
    assert said["c2pa_bytes_match"] == said["c2pa_signature_holds"] == 0.0
    assert {"c2pa_anchors_missing", "c2pa_time_stamp_missing"} <= said.keys()
    assert "c2pa_certificate_current" in said
    assert max(w for code, w in said.items() if code != "c2pa_declares_ai") == 0.0
    assert "Test Works" in evidence.reason
    assert fuse([evidence]).override == "c2pa_declares_ai"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_changed_byte_is_told_apart_from_the_signature(
    tmp_path: Path, kind: str
) -> None:
    evidence = assess(tmp_path, flip_pixel(kind, make_signed(kind)))
    said = weights(evidence)
    assert said["c2pa_bytes_differ"] == 0.8
    assert "c2pa_bytes_match" not in said
    assert said["c2pa_signature_holds"] == 0.0
    assert said["c2pa_declares_ai"] == 0.9
    assert "do not fit the bytes" in find(evidence, "c2pa_declares_ai").text
    detail = find(evidence, "c2pa_bytes_differ").detail
    assert detail["codes"] == ["assertion.dataHash.mismatch c2pa.hash.data"]


def test_changed_bytes_of_an_honest_capture_are_a_finding(tmp_path: Path) -> None:
    changed = flip_pixel("PNG", make_signed("PNG", "digitalCapture"))
    evidence = assess(tmp_path, changed)
    assert evidence.status is LaneStatus.FINDING
    assert "changed after signing" in evidence.reason
    assert fuse([evidence]).flagged


def test_changed_claim_breaks_the_signature_and_still_speaks(tmp_path: Path) -> None:
    content = make_signed("JPEG")  # no checksum over the credentials, unlike PNG
    place = content.index(b"Test Claim Maker")
    evidence = assess(tmp_path, flip(content, place))
    said = weights(evidence)
    assert said["c2pa_signature_broken"] == 0.7
    assert said["c2pa_declares_ai"] == 0.9
    assert "signature does not hold" in find(evidence, "c2pa_declares_ai").text
    assert said["c2pa_bytes_match"] == 0.0
    assert fuse([evidence]).override is None


def test_changed_statement_is_named(tmp_path: Path) -> None:
    content = make_signed("JPEG", "digitalCapture")
    place = content.index(b"Test Agent")
    evidence = assess(tmp_path, flip(content, place))
    finding = find(evidence, "c2pa_claims_changed")
    assert finding.weight == 0.8
    assert finding.detail["codes"] == ["assertion.hashedURI.mismatch c2pa.actions.v2"]


def test_anchors_decide_only_the_statement_of_trust(tmp_path: Path) -> None:
    content = make_signed("PNG")
    other = make_signer(organisation="Other Works")
    for anchors, code in (
        ((), "c2pa_anchors_missing"),
        ((other.anchor,), "c2pa_signer_unknown"),
        ((other.anchor, signer().anchor), "c2pa_signer_trusted"),
        ((b"-----BEGIN CERTIFICATE-----\nAAAA\n",), "c2pa_anchors_unusable"),
    ):
        said = weights(assess(tmp_path, content, anchors))
        assert said[code] == 0.0
        assert said["c2pa_declares_ai"] == 1.0
        assert len([c for c in said if "anchors" in c or "c2pa_signer" in c]) == 1


def test_declared_capture_relieves_only_with_a_trusted_signer(tmp_path: Path) -> None:
    content = make_signed("PNG", "digitalCapture")
    trusted = assess(tmp_path, content, (signer().anchor,))
    assert trusted.status is LaneStatus.CLEAR
    assert weights(trusted)["c2pa_declares_source"] == -0.5
    unknown = assess(tmp_path, content)
    assert unknown.status is LaneStatus.NOT_ASSESSABLE
    assert weights(unknown)["c2pa_declares_source"] == 0.0


@pytest.mark.parametrize("has_anchor", [False, True])
def test_expired_certificate_never_reads_as_tampering(
    tmp_path: Path, has_anchor: bool
) -> None:
    anchor = (VECTORS / "expired_anchor.pem").read_bytes()
    content = (VECTORS / "expired.png").read_bytes()
    evidence = assess(tmp_path, content, (anchor,) if has_anchor else ())
    said = weights(evidence)
    assert said["c2pa_declares_ai"] == 1.0
    assert said["c2pa_bytes_match"] == said["c2pa_signature_holds"] == 0.0
    assert "2026-11-2" in find(evidence, "c2pa_certificate_expired").text
    assert max(w for code, w in said.items() if code != "c2pa_declares_ai") == 0.0


def test_certificate_is_held_against_the_clock(tmp_path: Path) -> None:
    content = make_signed("PNG", "digitalCapture")
    late = weights(assess(tmp_path, content, later=60 * DAY))
    assert late["c2pa_certificate_expired"] == 0.0
    early = weights(assess(tmp_path, content, later=-60 * DAY))
    assert early["c2pa_certificate_early"] == 0.25


@pytest.mark.parametrize(
    ("relationship", "weight"),
    [("parentOf", 1.0), ("componentOf", 1.0), ("inputTo", 0.5)],
)
def test_declaration_in_an_ingredient_is_found_and_said_so(
    tmp_path: Path, relationship: str, weight: float
) -> None:
    first = "c2pa.opened" if relationship == "parentOf" else "c2pa.created"
    content = sign_picture(
        make_plain("PNG"),
        "PNG",
        make_signer(organisation="Second Hand"),
        [make_action(first), make_action("c2pa.edited")],
        ingredient=make_signed("PNG"),
        relationship=relationship,
    )
    evidence = assess(tmp_path, content)
    finding = find(evidence, "c2pa_declares_ai")
    assert finding.weight == weight
    assert finding.detail["in_ingredient"] == [relationship]
    assert "stands in the credentials of a" in finding.text
    assert find(evidence, "c2pa_edits_declared").weight == 0.5
    assert "Second Hand" in find(evidence, "c2pa_signature_holds").text


@cache
def make_composite() -> bytes:
    """Return a declared capture with an AI picture placed in it."""
    return sign_picture(
        make_plain("JPEG"),
        "JPEG",
        signer(),
        [make_action(source="digitalCapture"), make_action("c2pa.placed")],
        ingredient=make_signed("JPEG"),
        relationship="componentOf",
    )


@pytest.mark.parametrize("text", [b"Test Claim Maker", AI.encode()])
def test_history_changed_after_signing_is_a_finding(
    tmp_path: Path, text: bytes
) -> None:
    content = make_composite()
    evidence = assess(tmp_path, flip(content, content.index(text)))
    said = weights(evidence)
    assert said["c2pa_ingredient_changed"] == 0.8
    assert said["c2pa_bytes_match"] == said["c2pa_signature_holds"] == 0.0
    assert said.get("c2pa_declares_ai", 0.9) == 0.9


def test_fault_noted_when_an_ingredient_was_taken_in_is_told(tmp_path: Path) -> None:
    content = sign_picture(
        make_plain("JPEG"),
        "JPEG",
        signer(),
        [make_action(source="digitalCapture"), make_action("c2pa.placed")],
        ingredient=flip_pixel("JPEG", make_signed("JPEG")),
        relationship="componentOf",
    )
    said = weights(assess(tmp_path, content))
    assert said["c2pa_ingredient_was_changed"] == 0.5
    assert said["c2pa_bytes_match"] == 0.0
    assert "c2pa_ingredient_changed" not in said


def test_gathered_declaration_is_not_put_on_the_signer(tmp_path: Path) -> None:
    content = sign_picture(
        make_plain("PNG"), "PNG", signer(), [make_action(source=AI)], gathered=True
    )
    finding = find(assess(tmp_path, content), "c2pa_declares_ai")
    assert finding.detail["gathered"] is True
    assert "does not vouch" in finding.text


def test_other_sources_and_edits_are_weighed_apart(tmp_path: Path) -> None:
    actions = [make_action(source="digitalArt"), make_action("c2pa.cropped")]
    content = sign_picture(make_plain("PNG"), "PNG", signer(), actions)
    said = weights(assess(tmp_path, content))
    assert said["c2pa_declares_source"] == 0.5
    assert said["c2pa_edits_declared"] == 0.25
    assert "c2pa_declares_ai" not in said


REAL_FILES = {
    "01e5e3dd25e3": ("Azure OpenAI ImageGen", "Microsoft Corporation", "2025-10-24"),
    "03da052a4647": ("GPT-4o", "OpenAI", "2026-01-13"),
    "0d0eaf208d7d": ("Azure OpenAI ImageGen", "Microsoft Corporation", "2025-10-24"),
    "12260aa058dd": ("DALL\u00b7E", "OpenAI", "2025-01-29"),
    "19e2becbbf70": ("gpt-image", "OpenAI OpCo, LLC", "2027-03-24"),
    "1f4390dda37e": ("gpt-image", "OpenAI OpCo, LLC", "2027-04-23"),
    "52d468067d91": ("GPT-4o", "OpenAI", "2026-01-13"),
    "652252c2c593": ("GPT-4o", "OpenAI OpCoi, LLC", "2027-03-05"),
    "7d7e92716a6b": ("DALL\u00b7E", "OpenAI", "2025-01-29"),
    "d4f22ef02d86": ("GPT-4o", "OpenAI OpCoi, LLC", "2027-03-05"),
}
AT = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)


@pytest.mark.skipif(not REAL.is_dir(), reason="needs the files of shared/data/c2pa")
@pytest.mark.parametrize("name", REAL_FILES)
def test_real_generator_output_is_told_statement_by_statement(name: str) -> None:
    software, signed_by, valid_to = REAL_FILES[name]
    film = decode_film(REAL / f"{name}.png")
    evidence = ProvenanceLane(clock=lambda: AT).assess(film, Context())
    said = weights(evidence)
    declared = find(evidence, "c2pa_declares_ai")
    assert (declared.weight, declared.detail["software"]) == (1.0, software)
    assert (declared.detail["offset"], declared.detail["intact"]) == (33, True)
    assert said["c2pa_bytes_match"] == said["c2pa_signature_holds"] == 0.0
    signer_name = find(evidence, "c2pa_signature_holds").detail["signer"]
    assert signer_name.partition(" (")[0] == signed_by
    state = "expired" if valid_to < "2026-11-23" else "current"
    assert valid_to in find(evidence, f"c2pa_certificate_{state}").text
    has_stamp = signed_by != "OpenAI" or software != "GPT-4o"
    assert ("c2pa_time_stamp" in said) is has_stamp
    assert bool(declared.detail["in_ingredient"]) is not has_stamp
    assert declared.detail["gathered"] is (signed_by == "OpenAI OpCoi, LLC")
    # An overall state of "Invalid" must not become a finding of its own.
    assert [code for code, weight in said.items() if weight > 0] == ["c2pa_declares_ai"]
    assert "bytes intact" in evidence.reason


@pytest.mark.skipif(not REAL.is_dir(), reason="needs the files of shared/data/c2pa")
def test_real_file_with_a_changed_pixel_is_told(tmp_path: Path) -> None:
    content = (REAL / "12260aa058dd.png").read_bytes()
    evidence = assess(tmp_path, flip(content, content.rindex(b"IEND") + 5))
    assert weights(evidence)["c2pa_bytes_differ"] == 0.8


def cut_stamp_certificates(content: bytes) -> tuple[bytes, ...]:
    """Return the certificates (PEM) inside the time stamp of a file, RFC 3161."""
    signed_data = bytes.fromhex("06092a864886f70d010702")
    start = content.index(signed_data) - 4
    size = int.from_bytes(content[start + 2 : start + 4], "big") + 4
    token = cms.ContentInfo.load(content[start : start + size])
    return tuple(
        pem.armor("CERTIFICATE", item.chosen.dump())
        for item in token["content"]["certificates"]
    )


@pytest.mark.skipif(not REAL.is_dir(), reason="needs the files of shared/data/c2pa")
def test_anchors_of_time_stamps_vouch_for_no_signer() -> None:
    path = REAL / "652252c2c593.png"
    stampers = cut_stamp_certificates(path.read_bytes())
    others = (signer().anchor,)
    film = decode_film(path)
    # c2pa-rs lets the anchors of signers vouch for time stamps, too; not the reverse.
    for trust, is_vouched, code in (
        (CredentialTrust(time_anchors=stampers), True, "c2pa_anchors_missing"),
        (CredentialTrust(others, stampers), True, "c2pa_signer_unknown"),
        (CredentialTrust(stampers), True, "c2pa_signer_unknown"),
        (CredentialTrust(others, others), False, "c2pa_signer_unknown"),
    ):
        context = Context(credential_trust=trust)
        evidence = ProvenanceLane(clock=lambda: AT).assess(film, context)
        assert find(evidence, "c2pa_time_stamp").detail["trusted"] is is_vouched
        assert code in weights(evidence)


def test_every_statement_is_documented_and_every_documented_one_exists() -> None:
    root = Path(__file__).parents[3]
    code = re.compile(r"\bc2pa_[a-z_]+\b")
    written = {
        found
        for path in (root / "workers/lanes/provenance").glob("*.py")
        for found in re.findall(r'"(c2pa_[a-z_]+)"', path.read_text(encoding="utf-8"))
    }
    document = (root / "docs/credentials.md").read_text(encoding="utf-8")
    assert written - {"c2pa_manifest"} == set(code.findall(document))
