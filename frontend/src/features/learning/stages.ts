/** The board's columns: a model's way from candidate to retired. */
import { t } from "@lingui/core/macro";

import type { ModelOut } from "@/api/types";

export interface Stage {
  stage: string;
  title: string;
  models: ModelOut[];
}

const NAMES: Record<string, string> = {
  candidate: t`Candidate`,
  shadow: t`Shadow`,
  active: t`Active`,
  retired: t`Retired`,
};
const ORDER = Object.keys(NAMES);

/** The known stages in order, empty ones too, then any other that a model names. */
export function stagesOf(models: readonly ModelOut[]): Stage[] {
  const others = [...new Set(models.map(({ stage }) => stage))].filter(
    (stage) => !ORDER.includes(stage),
  );
  return [...ORDER, ...others].map((stage) => ({
    stage,
    title: NAMES[stage] ?? stage.charAt(0).toUpperCase() + stage.slice(1),
    models: models.filter((model) => model.stage === stage),
  }));
}
