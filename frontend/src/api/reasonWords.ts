/**
 * The reason codes of a new installation in the reader's language. Once a department has
 * worded one anew it is theirs, and is shown as they wrote it.
 */
import { i18n, type MessageDescriptor } from "@lingui/core";
import { msg } from "@lingui/core/macro";

/** As in apps/reading/reason_codes.py; a test compares them. */
const SEEDED: Record<string, MessageDescriptor> = {
  bilateral_symmetry: msg`Unnatural bilateral symmetry`,
  uniform_grain: msg`Uniform grain`,
  soft_tissue_texture: msg`Unnatural soft-tissue texture`,
  smooth_bone: msg`Over-smooth bone or cortex`,
  straight_spine: msg`Too-straight spine`,
  clean_fracture: msg`Too-clean fracture`,
  implausible_hardware: msg`Implausible hardware or text`,
  regular_vessels: msg`Vessel pattern too regular`,
  copied_region: msg`A region looks copied`,
  local_inconsistency: msg`Local noise or sharpness differs`,
  known_reuse: msg`Same film seen before`,
  header_contradiction: msg`Header contradicts the image`,
  declared_generated: msg`Declared as generated`,
  natural_noise: msg`Natural noise`,
  anatomical_variation: msg`Anatomical variation`,
  known_patient: msg`Known patient, priors agree`,
  acquisition_artefact: msg`Acquisition artefact`,
  processing_artefact: msg`Processing artefact explains it`,
  nothing_unusual: msg`Nothing unusual seen`,
  saw_marked_region: msg`Saw it once it was marked`,
  hard_evidence: msg`Hard evidence outside the pixels`,
  looked_again: msg`Looked again`,
  slip: msg`Slip when answering first`,
};
const FIRST_VERSION = 1;
/** What the server's own words are in. */
const SERVERS = "en";

interface Worded {
  readonly code: string;
  readonly label: string;
  readonly version: number;
}

/** Return a reason's words for this reader. */
export function reasonLabel({ code, label, version }: Worded): string {
  const isSeeded = i18n.locale !== SERVERS && version === FIRST_VERSION;
  const words = isSeeded ? SEEDED[code] : undefined;
  return words === undefined ? label : i18n._(words);
}

export function inReadersWords<Row extends Worded>(rows: readonly Row[]): Row[] {
  return rows.map((row) => ({ ...row, label: reasonLabel(row) }));
}
