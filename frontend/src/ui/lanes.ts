/** How lanes and case states are called on screen. */

const LANE_LABELS: Record<string, string> = {
  container: "Container",
  provenance: "Provenance",
  metadata: "Metadata",
  reuse: "Reuse",
  synthesis: "Synthesis",
  tamper: "Tamper",
};

export function laneLabel(lane: string): string {
  return LANE_LABELS[lane] ?? lane;
}

/** Models bear the name of the lane that runs them; the check that it asks first has its own. */
export function modelLabel(model: string): string {
  return model === "radiograph" ? "Radiograph check" : laneLabel(model);
}
