"""Content credentials (C2PA): found in the file, read elsewhere, told apart."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from workers.decode.structure import (
    read_jpeg_structure,
    read_png_structure,
    read_webp_structure,
)
from workers.lanes.provenance.declarations import state_declarations
from workers.lanes.provenance.integrity import (
    SPEC,
    bytes_match,
    signature_holds,
    state_ingredients,
    state_integrity,
)
from workers.lanes.provenance.signing import state_signature, summarise
from workers.lanes.provenance.store import CredentialsUnreadable, Store, read_store
from workers.types import CredentialTrust, DecodedImage, FileFormat, Finding

# C2PA 2.2, A.3: where a manifest store is embedded.
_TIFF_TAG = 0xCD41
_MOST_TIFF_ENTRIES = 4096
# A store is some tens of kilobytes, or megabytes with the thumbnails of a long history.
_MOST_STORE_BYTES = 16 << 20
_UNREADABLE_WEIGHT = 0.25


@dataclass(frozen=True)
class Credentials:
    """What the credentials say: findings, and a clause for the lane's reason.

    vouched: they could be read, the bytes are those signed, and the signer is trusted.
    """

    findings: tuple[Finding, ...]
    summary: str
    vouched: bool


def judge_credentials(
    image: DecodedImage, trust: CredentialTrust | None, now: dt.datetime
) -> Credentials | None:
    """Return what the file's content credentials say; None where it holds none."""
    place = find_manifest(image)
    if place is None:
        return None
    offset, size = place
    try:
        if size > _MOST_STORE_BYTES:
            raise CredentialsUnreadable("too_large")
        store = read_store(image.path, image.format, trust)
    except CredentialsUnreadable as error:
        return _state_unreadable(error.kind, offset, size)
    findings = [
        *state_declarations(store),
        *state_integrity(store),
        *state_ingredients(store),
        *state_signature(store, now),
    ]
    placed = tuple(
        replace(finding, detail={**finding.detail, "offset": offset})
        for finding in findings
    )
    return Credentials(placed, summarise(store, now), _is_vouched(store))


def _is_vouched(store: Store) -> bool:
    active = store.active
    trusted = active.has("signingCredential.trusted")
    return trusted and signature_holds(active) and bytes_match(active)


def _state_unreadable(kind: str, offset: int, size: int) -> Credentials:
    if kind == "no_library":
        text = (
            "The file carries content credentials (C2PA); the library that reads them"
            " is not installed here."
        )
        finding = Finding("c2pa_not_checked", text, 0.0, f"{SPEC}, Annex A")
    else:
        text = (
            "The content credentials (C2PA) could not be read: they are damaged, or"
            " not made to the standard."
        )
        finding = Finding("c2pa_unreadable", text, _UNREADABLE_WEIGHT, f"{SPEC}, 15")
    detail = {"offset": offset, "bytes": size, "why": kind}
    return Credentials((replace(finding, detail=detail),), "", vouched=False)


def find_manifest(image: DecodedImage) -> tuple[int, int] | None:
    """Return offset and size of the block that holds a manifest store, or None.

    In JPEG the size is that of all its segments together.
    """
    if image.format is FileFormat.PNG:
        blocks = read_png_structure(image.path).blocks
        found = [block for block in blocks if block.kind == "caBX"]
    elif image.format is FileFormat.WEBP:
        blocks = read_webp_structure(image.path).blocks
        found = [block for block in blocks if block.kind == "C2PA"]
    elif image.format is FileFormat.JPEG:
        # JPEG XT box segments (ISO 18477-3): "JP", instance, sequence, then the box.
        blocks = read_jpeg_structure(image.path.read_bytes()).blocks
        found = [b for b in blocks if b.kind == "FFEB" and b.content[:2] == b"JP"]
        if not any(b"jumb" in block.content[:32] for block in found):
            return None
    else:
        return _find_tiff_manifest(image) if image.format is FileFormat.TIFF else None
    if not found:
        return None
    return found[0].offset, sum(len(block.content) for block in found)


def _find_tiff_manifest(image: DecodedImage) -> tuple[int, int] | None:
    """Return the place of the manifest's entry in the first directory (TIFF 6, 2)."""
    with image.path.open("rb") as stream:
        head = stream.read(8)
        little = head[:2] == b"II"
        if head[2:4] not in (b"*\x00", b"\x00*"):
            return None

        def number(part: bytes) -> int:
            return int.from_bytes(part, "little" if little else "big")

        directory = number(head[4:8])
        stream.seek(directory)
        count = number(stream.read(2))
        for index in range(min(count, _MOST_TIFF_ENTRIES)):
            entry = stream.read(12)
            if number(entry[:2]) == _TIFF_TAG:
                return directory + 2 + 12 * index, number(entry[4:8])
    return None
