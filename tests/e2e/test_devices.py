"""A device from enrolment to revocation, in a real browser on the real stack."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from playwright.sync_api import Browser, Locator, Page, expect

from tests import dicom
from tests.e2e.reader import drop_files, find_axe_problems, keep_screenshot, signed_in
from tests.e2e.stack import StackProcess, run_stack
from tests.pure.signatures.keys import (
    Key,
    der_of,
    make_certificate,
    make_key,
    pem_of,
)
from workers.dicom.signatures.profiles import CREATOR
from workers.dicom.signatures.sign import FileSigner, sign_file

pytestmark = pytest.mark.timeout(600)
ANALYSED_WITHIN_MS = 120_000
DAY = dt.timedelta(days=1)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackProcess]:
    """Yield a stack whose devices and cases these tests may change."""
    yield from run_stack(tmp_path_factory.mktemp("own"))


def make_signer(issuer: tuple[Key, x509.Certificate]) -> FileSigner:
    """Return the key and certificate of Room 3, issued by the hospital's authority."""
    now, key = dt.datetime.now(dt.UTC), make_key("rsa", 70)
    certificate = make_certificate(
        key,
        "Room 3",
        issuer=issuer,
        valid_from=now - 30 * DAY,
        valid_until=now + 300 * DAY,
    )
    return FileSigner(certificate, key)


def make_root() -> tuple[Key, x509.Certificate]:
    now, key = dt.datetime.now(dt.UTC), make_key("rsa", 71)
    root = make_certificate(
        key,
        "Hospital root",
        is_authority=True,
        valid_from=now - 30 * DAY,
        valid_until=now + 900 * DAY,
    )
    return key, root


def make_list(root: tuple[Key, x509.Certificate], *revoked: x509.Certificate) -> bytes:
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(root[1].subject)
        .last_update(now - DAY)
        .next_update(now + 30 * DAY)
        .add_extension(x509.CRLNumber(7), critical=False)
    )
    for certificate in revoked:
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder()
            .serial_number(certificate.serial_number)
            .revocation_date(now - DAY)
            .build()
        )
    return builder.sign(root[0], hashes.SHA256()).public_bytes(Encoding.DER)


def make_film(folder: Path, signer: FileSigner, *, number: int, serial: str) -> Path:
    """Write a film of `serial` that Room 3 signed, a patient of its own."""
    plain = dicom.write_film(
        folder / f"plain-{number}.dcm",
        array=dicom.make_pixels(640, 512, seed=90 + number),
        seed=9000 + number,
        overrides={
            "PatientName": f"Signed^Film{number}",
            "PatientID": f"SIGNED-{number}",
            "Manufacturer": "Test Works",
            "DeviceSerialNumber": serial,
        },
    )
    path = folder / f"film-{number}.dcm"
    at = dt.datetime.now(dt.UTC)
    content = plain.read_bytes()
    path.write_bytes(sign_file(content, signer=signer, profile=CREATOR, at=at))
    return path


def enrol(page: Page, certificate: Path) -> None:
    """Enrol Room 3 by the form: keyboard and a file, after a mistaken paste."""
    page.get_by_role("link", name="Devices").click()
    # Other tests may have enrolled theirs before: the order is drawn.
    expect(page.get_by_role("button", name="Enrol a device")).to_be_visible()
    assert find_axe_problems(page) == []
    page.get_by_role("button", name="Enrol a device").click()
    dialog = page.get_by_role("dialog")
    pasted = dialog.get_by_role("textbox", name="Certificate")
    expect(pasted).to_be_focused()
    pasted.fill(pem_of(make_key("rsa", 70)).decode())
    expect(dialog.get_by_text("That was a private key")).to_be_visible()
    expect(pasted).to_have_value("")
    dialog.locator("input[type=file]").set_input_files(certificate)
    shown = dialog.get_by_role("region", name="What the certificate says")
    expect(shown).to_contain_text("CN=Room 3")
    expect(shown).to_contain_text("CN=Hospital root")
    assert find_axe_problems(page) == []
    confirm = dialog.get_by_role("button", name="Enrol")
    expect(confirm).to_be_disabled()
    dialog.get_by_label("Name in this registry").fill("Room 3")
    dialog.get_by_label("Manufacturer (0008,0070)").fill("Test Works")
    dialog.get_by_label("Device serial number (0018,1000)").fill("SN-1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Room 3", level=1)).to_be_visible()
    expect(page.get_by_text("Trusted", exact=True)).to_be_visible()
    assert find_axe_problems(page) == []
    keep_screenshot(page, "device")


def send(page: Page, *paths: Path) -> None:
    page.get_by_role("link", name="Upload").click()
    page.get_by_role("combobox", name="Worklist").select_option(
        label="Emergency radiology"
    )
    drop_files(page, list(paths))
    rows = page.get_by_role("region", name="Files of this upload").get_by_role(
        "listitem"
    )
    for path in paths:
        expect(rows.filter(has_text=path.name)).to_contain_text(
            "Stored", timeout=ANALYSED_WITHIN_MS
        )


def read_to_the_seal(page: Page, patient: str) -> Locator:
    """Open a film's case, seal an answer, and return what provenance says then."""
    page.goto("/worklists/emergency")
    row = page.get_by_role("row").filter(has_text=patient).filter(has_text="Ready")
    expect(row).to_be_visible(timeout=ANALYSED_WITHIN_MS)
    row.dblclick()
    page.wait_for_url("**/cases/*")
    expect(page.locator("[data-film-ready]")).to_be_visible(timeout=20_000)
    # Nothing of the registry is told before the seal.
    expect(page.get_by_text("Room 3")).to_have_count(0)
    for key in ("a", "3", "Enter"):
        page.keyboard.press(key)
    evidence = page.get_by_role("region", name="Evidence")
    expect(evidence.get_by_text("Provenance", exact=True)).to_be_visible()
    return evidence


def revoke(page: Page) -> None:
    page.goto("/devices")
    page.get_by_role("link", name="Room 3").click()
    page.get_by_role("button", name="Revoke").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Nothing that this key signed counts any more")
    assert find_axe_problems(page) == []
    dialog.get_by_label("Why").select_option(label="The key was stolen, lost or copied")
    dialog.get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("Revoked", exact=True).first).to_be_visible()
    history = page.get_by_role("region", name="History")
    expect(history.get_by_role("listitem").first).to_contain_text("Certificate revoked")


def test_what_an_enrolled_device_signed_is_trusted_until_it_is_revoked(
    stack: StackProcess, browser: Browser, tmp_path: Path
) -> None:
    signer = make_signer(make_root())
    certificate = tmp_path / "room3.der"
    certificate.write_bytes(der_of(signer.certificate))
    with signed_in(browser, stack, "admin", width=1280) as page:
        enrol(page, certificate)
    films = [
        make_film(tmp_path, signer, number=number, serial=serial)
        for number, serial in ((1, "SN-1"), (2, "SN-666"), (3, "SN-1"))
    ]
    with signed_in(browser, stack, "radiologist", width=1280) as page:
        send(page, *films[:2])
        evidence = read_to_the_seal(page, "Signed, Film1")
        expect(evidence).to_contain_text("the enrolled device Room 3 made it")
        keep_screenshot(page, "trusted-device")
        evidence = read_to_the_seal(page, "Signed, Film2")
        expect(evidence).to_contain_text(
            "was made by a device other than the one that the header names"
        )
    with signed_in(browser, stack, "admin", width=1280) as page:
        revoke(page)
    with signed_in(browser, stack, "radiologist", width=1280) as page:
        send(page, films[2])
        evidence = read_to_the_seal(page, "Signed, Film3")
        expect(evidence).to_contain_text("holds, but its certificate was revoked on")


def test_a_revocation_list_ends_the_device_that_it_names(
    stack: StackProcess, browser: Browser, tmp_path: Path
) -> None:
    root = make_root()
    signer = make_signer(root)
    files = {
        "root": pem_of(root[1]),
        "room": pem_of(signer.certificate),
        "list": make_list(root, signer.certificate),
    }
    paths = {name: tmp_path / name for name in files}
    for name, content in files.items():
        paths[name].write_bytes(content)
    with signed_in(browser, stack, "admin", width=1280) as page:
        page.goto("/devices")
        page.get_by_role("button", name="Enrol a device").click()
        dialog = page.get_by_role("dialog")
        dialog.locator("input[type=file]").set_input_files(paths["room"])
        dialog.get_by_label("Name in this registry").fill("Room 8")
        dialog.get_by_label("Manufacturer (0008,0070)").fill("Test Works")
        dialog.get_by_label("Device serial number (0018,1000)").fill("SN-8")
        dialog.get_by_role("button", name="Enrol").click()
        expect(page.get_by_role("heading", name="Room 8", level=1)).to_be_visible()
        page.goto("/devices?tab=authorities")
        page.get_by_role("button", name="Add an authority").click()
        dialog.locator("input[type=file]").set_input_files(paths["root"])
        dialog.get_by_role("button", name="Add").click()
        expect(page.get_by_role("region", name="CN=Hospital root")).to_be_visible()
        page.get_by_role("button", name="Add a revocation list").click()
        dialog.locator("input[type=file]").set_input_files(paths["list"])
        dialog.get_by_role("button", name="Add").click()
        expect(page.get_by_text("It revoked the certificate of 1")).to_be_visible()
        expect(page.get_by_role("cell", name="in force #7")).to_be_visible()
        assert find_axe_problems(page) == []
        page.goto("/devices")
        row = page.get_by_role("row").filter(has_text="Room 8")
        expect(row).to_contain_text("Revoked")
        assert find_axe_problems(page) == []


@pytest.mark.parametrize("person", ["radiologist", "ml"])
def test_who_may_not_look_finds_no_page(
    stack: StackProcess, browser: Browser, person: str
) -> None:
    with signed_in(browser, stack, person) as page:
        expect(page.get_by_role("link", name="Devices")).to_have_count(0)
        page.goto("/devices")
        expect(page.get_by_text("Enrol a device")).to_have_count(0)
        expect(page.get_by_role("heading", level=1)).not_to_have_text("Devices")
        assert page.request.get("/api/v1/devices").status == 403


def test_a_lead_looks_and_is_offered_nothing_to_change(
    stack: StackProcess, browser: Browser
) -> None:
    with signed_in(browser, stack, "lead") as page:
        page.get_by_role("link", name="Devices").click()
        expect(page.get_by_role("heading", name="Devices", level=1)).to_be_visible()
        expect(page.get_by_role("button", name="Enrol a device")).to_have_count(0)
