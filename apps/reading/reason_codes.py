"""The reason codes a new installation starts with; then staff pages keep them.

The codes against a film are the tell-tales published with the deepfake radiograph study
(Radiology, 24 March 2026).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Group = Literal["against", "for", "changed_mind"]


@dataclass(frozen=True)
class SeedCode:
    """A code, its words, what it may be given for, and its digit in the list."""

    code: str
    label: str
    group: Group
    hotkey: str = ""


REASON_CODES: tuple[SeedCode, ...] = (
    SeedCode("bilateral_symmetry", "Unnatural bilateral symmetry", "against", "1"),
    SeedCode("uniform_grain", "Uniform grain", "against", "2"),
    SeedCode("soft_tissue_texture", "Unnatural soft-tissue texture", "against", "3"),
    SeedCode("smooth_bone", "Over-smooth bone or cortex", "against", "4"),
    SeedCode("straight_spine", "Too-straight spine", "against"),
    SeedCode("clean_fracture", "Too-clean fracture", "against"),
    SeedCode("implausible_hardware", "Implausible hardware or text", "against", "6"),
    SeedCode("regular_vessels", "Vessel pattern too regular", "against"),
    SeedCode("copied_region", "A region looks copied", "against", "7"),
    SeedCode("local_inconsistency", "Local noise or sharpness differs", "against", "5"),
    SeedCode("known_reuse", "Same film seen before", "against"),
    SeedCode("header_contradiction", "Header contradicts the image", "against"),
    SeedCode("declared_generated", "Declared as generated", "against"),
    SeedCode("natural_noise", "Natural noise", "for", "8"),
    SeedCode("anatomical_variation", "Anatomical variation", "for"),
    SeedCode("known_patient", "Known patient, priors agree", "for"),
    SeedCode("acquisition_artefact", "Acquisition artefact", "for"),
    SeedCode("processing_artefact", "Processing artefact explains it", "for", "9"),
    SeedCode("nothing_unusual", "Nothing unusual seen", "for", "0"),
    SeedCode("saw_marked_region", "Saw it once it was marked", "changed_mind", "1"),
    SeedCode("hard_evidence", "Hard evidence outside the pixels", "changed_mind", "2"),
    SeedCode("looked_again", "Looked again", "changed_mind", "3"),
    SeedCode("slip", "Slip when answering first", "changed_mind", "4"),
)
