/** The metrics of a model card for people: a few numbers up front, the rest in tables. */
import { t } from "@lingui/core/macro";

export interface MetricRow {
  readonly label: string;
  readonly value: string;
}

export interface Metrics {
  readonly headline: readonly MetricRow[];
  /** One per metric that is itself a set of values. */
  readonly tables: readonly { readonly title: string; readonly rows: readonly MetricRow[] }[];
}

const NAMES: Record<string, string> = {
  auc: "AUC",
  tpr_at_1_percent_fpr: t`TPR at 1 % FPR`,
  tpr_at_fpr_1pct: t`TPR at 1 % FPR`,
  leak_probe_auc: t`leak probe AUC`,
  pixel_iou: t`pixel IoU`,
};

function nameOf(name: string): string {
  return NAMES[name] ?? name.replaceAll("_", " ");
}

function isSet(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function showValue(value: unknown): string {
  if (typeof value === "number") {
    return Number.isInteger(value) ? String(value) : value.toPrecision(3);
  }
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** All values below `set`, each with the names that lead to it. */
function flatten(set: Record<string, unknown>, before = ""): MetricRow[] {
  return Object.entries(set).flatMap(([name, value]) => {
    const label = before === "" ? nameOf(name) : `${before}, ${nameOf(name)}`;
    return isSet(value) ? flatten(value, label) : [{ label, value: showValue(value) }];
  });
}

/** The well-known numbers of a set come up front too, under the set's name. */
export function readMetrics(metrics: Record<string, unknown>): Metrics {
  const headline: MetricRow[] = [];
  const tables: { title: string; rows: MetricRow[] }[] = [];
  for (const [name, value] of Object.entries(metrics)) {
    if (!isSet(value)) {
      headline.push({ label: nameOf(name), value: showValue(value) });
      continue;
    }
    tables.push({ title: nameOf(name), rows: flatten(value) });
    for (const [inner, number] of Object.entries(value)) {
      if (inner in NAMES && typeof number === "number") {
        headline.push({
          label: `${nameOf(name)}, ${nameOf(inner)}`,
          value: showValue(number),
        });
      }
    }
  }
  return { headline, tables };
}
