import { t } from "@lingui/core/macro";
import { useQuery } from "@tanstack/react-query";
import { BrainCircuit } from "lucide-react";

import { modelsQuery } from "@/api/queries";
import type { ModelOut } from "@/api/types";
import { formatDate, shortHash } from "@/ui/format";
import { modelLabel } from "@/ui/lanes";
import { EmptyState, ErrorState, SkeletonRows } from "@/ui/states";

import { type MetricRow, readMetrics } from "./metrics";
import { stagesOf } from "./stages";

export function ModelsTab() {
  const models = useQuery(modelsQuery);
  if (models.isPending) return <SkeletonRows label={t`Loading the models`} count={8} />;
  if (models.data === undefined) {
    return (
      <ErrorState
        title={t`The models could not be loaded`}
        error={models.error}
        onRetry={() => void models.refetch()}
      />
    );
  }
  if (models.data.length === 0) {
    return (
      <EmptyState title={t`No model is installed`} icon={BrainCircuit}>
        <p>{t`The lanes that need one say “not assessable” until a model file is added.`}</p>
      </EmptyState>
    );
  }
  return (
    <div className="board">
      {stagesOf(models.data).map(({ stage, title, models: held }) => (
        <section key={stage} className="board-stage" aria-label={title}>
          <h2>
            {title} <span>{held.length}</span>
          </h2>
          {held.map((model) => (
            <ModelCard key={model.sha256} model={model} />
          ))}
          {held.length === 0 ? <p className="board-none">{t`None`}</p> : null}
        </section>
      ))}
    </div>
  );
}

function ModelCard({ model }: { model: ModelOut }) {
  const { headline, tables } = readMetrics(model.metrics);
  return (
    <article className="panel model-card">
      <h3>
        {modelLabel(model.name)} <span>{model.version}</span>
      </h3>
      <dl>
        <MetricRows rows={headline} />
        <div>
          <dt>{t`trained`}</dt>
          <dd>{model.trained_at === null ? t`not stated` : formatDate(model.trained_at)}</dd>
        </div>
        <div>
          <dt>{t`licence`}</dt>
          <dd>{model.licence || t`not stated`}</dd>
        </div>
        <div>
          <dt>{t`SHA-256`}</dt>
          <dd>
            <code title={model.sha256}>{shortHash(model.sha256)}</code>
          </dd>
        </div>
      </dl>
      {tables.map(({ title, rows }) => (
        <details key={title}>
          <summary>{title}</summary>
          <dl className="model-table">
            <MetricRows rows={rows} />
          </dl>
        </details>
      ))}
      <details>
        <summary>{t`Model card`}</summary>
        <pre tabIndex={0}>{JSON.stringify(model.card, null, 2)}</pre>
      </details>
    </article>
  );
}

function MetricRows({ rows }: { rows: readonly MetricRow[] }) {
  return rows.map(({ label, value }) => (
    <div key={label}>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  ));
}
