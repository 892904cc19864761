import { t } from "@lingui/core/macro";
import { Tabs } from "radix-ui";

import { may, useMe } from "@/api/session";
import { ScrollPage } from "@/ui/ScrollPage";
import { useUrlFilters } from "@/ui/useUrlFilters";

import { LabelsTab } from "./LabelsTab";
import { ModelsTab } from "./ModelsTab";
import "./learning.css";

const DEFAULTS = { tab: "" };

export function LearningPage() {
  const me = useMe();
  const [{ tab }, setFilters] = useUrlFilters(DEFAULTS);
  const mayLabels = may(me, "export_labels");
  const mayModels = may(me, "view_models");
  const first = mayLabels ? "labels" : "models";
  const shown = tab === "models" && mayModels ? "models" : first;
  return (
    <ScrollPage label={t`Learning`}>
      <title>{t`Learning · Truefilm`}</title>
      <div className="page-head">
        <h1>{t`Learning`}</h1>
        <p className="page-lead">
          {t`What readers decided becomes labels; models are trained and judged on them.`}
        </p>
      </div>
      <Tabs.Root
        value={shown}
        onValueChange={(value) => setFilters({ tab: value === first ? "" : value })}
        className="learning-tabs"
      >
        <Tabs.List className="tabs-list" aria-label={t`Learning`}>
          {mayLabels ? <Tabs.Trigger value="labels">{t`Labels`}</Tabs.Trigger> : null}
          {mayModels ? <Tabs.Trigger value="models">{t`Models`}</Tabs.Trigger> : null}
        </Tabs.List>
        <Tabs.Content value="labels" className="learning-content" tabIndex={-1}>
          {mayLabels ? <LabelsTab /> : null}
        </Tabs.Content>
        <Tabs.Content value="models" className="learning-content" tabIndex={-1}>
          <ModelsTab />
        </Tabs.Content>
      </Tabs.Root>
    </ScrollPage>
  );
}
