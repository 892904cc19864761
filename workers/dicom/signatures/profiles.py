"""The signature profiles of PS3.15 Annex C: which elements each wants signed."""

from __future__ import annotations

from collections.abc import Collection

from pydicom.dataset import Dataset

from workers.dicom.signatures.stream import list_signable

CREATOR = "creator"
AUTHORIZATION = "authorization"
STRUCTURED_REPORT = "structured report"

# SOP Class, SOP Instance, Study and Series Instance UID.
_INSTANCE = frozenset({0x00080016, 0x00080018, 0x0020000D, 0x0020000E})
_CREATION = frozenset({0x00080012, 0x00080013})
# PS3.3 C.7.5.1.
_GENERAL_EQUIPMENT = frozenset(
    {
        *(0x00080070, 0x00080080, 0x00080081, 0x00081010, 0x00081040, 0x00081041),
        *(0x00081090, 0x0018100A, 0x00181000, 0x00181002, 0x00181020, 0x00181050),
        *(0x00181200, 0x00181201, 0x00280120),
    }
)
# PS3.3 C.7.6.1.
_GENERAL_IMAGE = frozenset(
    {
        *(0x00080008, 0x00080022, 0x00080023, 0x0008002A, 0x00080032, 0x00080033),
        *(0x00081140, 0x00082111, 0x00082112, 0x00089215, 0x00200012, 0x00200013),
        *(0x00200020, 0x00201002, 0x00204000, 0x00280300, 0x00280301, 0x00282110),
        *(0x00282112, 0x00282114, 0x00880200, 0x20500020),
    }
)
# PS3.3 C.7.6.3.
_IMAGE_PIXEL = frozenset(
    {
        *(0x00280002, 0x00280004, 0x00280006, 0x00280010, 0x00280011, 0x00280034),
        *(0x00280100, 0x00280101, 0x00280102, 0x00280103, 0x00280106, 0x00280107),
        *(0x00280121, 0x00281101, 0x00281102, 0x00281103, 0x00281201, 0x00281202),
        *(0x00281203, 0x00282000, 0x00282002, 0x7FE00008, 0x7FE00009, 0x7FE00010),
    }
)
# PS3.3 C.7.6.16: shared and per-frame functional groups, and what goes with them.
_FUNCTIONAL_GROUPS = frozenset(
    {0x52009229, 0x52009230, 0x00280008, 0x0020930E, 0x00209301, 0x00181063}
)
# PS3.3 C.9.2 and the retired C.10.2: repeating groups, even ones.
_OVERLAYS = range(0x6000, 0x6100)
_CURVES = range(0x5000, 0x5100)
# PS3.3 C.17.2, C.17.3.
_REPORT = frozenset({0x0040A032, 0x0040A360, 0x0040A375, 0x0040A385})
_REPORT_CONTENT = frozenset(
    {*(0x0040A040, 0x0040A043, 0x0040A050, 0x0040A504, 0x0040A730), 0x0040A491}
)
_SERIES_OF_REPORT = _INSTANCE - {0x00080018}
# Verification Flag, Verifying Observer Sequence.
_VERIFIED = frozenset({0x00080018, 0x0040A493, 0x0040A073})
_VERIFICATION_PURPOSE = "5"


def list_profiles(
    data_set: Dataset, signed: Collection[int], *, purpose: str
) -> tuple[str, ...]:
    """Return the profiles whose elements a signature covers, as far as the data set has
    them and they can be signed. That a signature was meant for one is nowhere recorded.

    The modules of other objects than images and reports are not looked at: PS3.15 C.2
    names about thirty, of which only what is in a radiograph, CT or MR is listed here.
    """
    present = set(list_signable(data_set))
    covered = set(signed)

    def holds(wanted: Collection[int]) -> bool:
        return not (present & set(wanted)) - covered

    if not holds(_repeating(present)):
        return ()
    found = []
    if _REPORT_CONTENT & present:
        wanted = _SERIES_OF_REPORT | _GENERAL_EQUIPMENT | _REPORT | _REPORT_CONTENT
        is_verified = str(data_set.get("VerificationFlag") or "") == "VERIFIED"
        if is_verified:
            wanted |= _VERIFIED
        if holds(wanted) and (not is_verified or purpose == _VERIFICATION_PURPOSE):
            found.append(STRUCTURED_REPORT)
        return tuple(found)
    approved = _INSTANCE | _GENERAL_IMAGE | _IMAGE_PIXEL | _FUNCTIONAL_GROUPS
    if covered >= _INSTANCE and holds(approved):
        if holds(_CREATION | _GENERAL_EQUIPMENT):
            found.append(CREATOR)
        found.append(AUTHORIZATION)
    return tuple(found)


def _repeating(present: Collection[int]) -> set[int]:
    groups = (*_OVERLAYS, *_CURVES)
    return {tag for tag in present if tag >> 16 in groups}
