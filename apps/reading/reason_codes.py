"""Why a reader answered so. Codes are part of labels: never change a code's sense.

The codes against a film are the tell-tales published with the deepfake radiograph study
(Radiology, 24 March 2026).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Group = Literal["against", "for", "changed_mind"]


@dataclass(frozen=True)
class ReasonCode:
    """A code, its words, and what it may be given for."""

    code: str
    label: str
    group: Group


REASON_CODES: tuple[ReasonCode, ...] = (
    ReasonCode("bilateral_symmetry", "Unnatural bilateral symmetry", "against"),
    ReasonCode("uniform_grain", "Uniform grain", "against"),
    ReasonCode("soft_tissue_texture", "Unnatural soft-tissue texture", "against"),
    ReasonCode("smooth_bone", "Over-smooth bone or cortex", "against"),
    ReasonCode("straight_spine", "Too-straight spine", "against"),
    ReasonCode("clean_fracture", "Too-clean fracture", "against"),
    ReasonCode("implausible_hardware", "Implausible hardware or text", "against"),
    ReasonCode("regular_vessels", "Vessel pattern too regular", "against"),
    ReasonCode("copied_region", "A region looks copied", "against"),
    ReasonCode("local_inconsistency", "Local noise or sharpness differs", "against"),
    ReasonCode("known_reuse", "Same film seen before", "against"),
    ReasonCode("header_contradiction", "Header contradicts the image", "against"),
    ReasonCode("declared_generated", "Declared as generated", "against"),
    ReasonCode("natural_noise", "Natural noise", "for"),
    ReasonCode("anatomical_variation", "Anatomical variation", "for"),
    ReasonCode("known_patient", "Known patient, priors agree", "for"),
    ReasonCode("acquisition_artefact", "Acquisition artefact", "for"),
    ReasonCode("processing_artefact", "Processing artefact explains it", "for"),
    ReasonCode("nothing_unusual", "Nothing unusual seen", "for"),
    ReasonCode("saw_marked_region", "Saw it once it was marked", "changed_mind"),
    ReasonCode("hard_evidence", "Hard evidence outside the pixels", "changed_mind"),
    ReasonCode("looked_again", "Looked again", "changed_mind"),
    ReasonCode("slip", "Slip when answering first", "changed_mind"),
)
FINDING_CODES = frozenset(r.code for r in REASON_CODES if r.group != "changed_mind")
CHANGED_MIND_CODES = frozenset(
    r.code for r in REASON_CODES if r.group == "changed_mind"
)
