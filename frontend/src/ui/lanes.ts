/** How lanes and case states are called on screen. */
import { t } from "@lingui/core/macro";

const LANE_LABELS: Record<string, string> = {
  container: t`Container`,
  provenance: t`Provenance`,
  metadata: t`Metadata`,
  reuse: t`Reuse`,
  synthesis: t`Synthesis`,
  tamper: t`Tamper`,
};

export function laneLabel(lane: string): string {
  return LANE_LABELS[lane] ?? lane;
}

/** Models bear the name of the lane that runs them; the check that it asks first has its own. */
export function modelLabel(model: string): string {
  return model === "radiograph" ? t`Radiograph check` : laneLabel(model);
}
