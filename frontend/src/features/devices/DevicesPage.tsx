import { t } from "@lingui/core/macro";
import { Tabs } from "radix-ui";

import { ScrollPage } from "@/ui/ScrollPage";
import { useUrlFilters } from "@/ui/useUrlFilters";

import { AuthoritiesTab } from "./AuthoritiesTab";
import { DevicesTab } from "./DevicesTab";
import "./devices.css";

const DEFAULTS = { tab: "devices" };

export function DevicesPage() {
  const [{ tab }, setFilters] = useUrlFilters(DEFAULTS);
  const shown = tab === "authorities" ? tab : "devices";
  return (
    <ScrollPage label={t`Devices`}>
      <title>{t`Devices · Truefilm`}</title>
      <div className="page-head">
        <h1>{t`Devices`}</h1>
        <p className="page-lead">
          {t`Whose digital signatures count here: a signed film is held against the device that made it.`}
        </p>
      </div>
      <Tabs.Root
        value={shown}
        onValueChange={(value) => setFilters({ tab: value })}
        className="device-tabs"
      >
        <Tabs.List className="tabs-list" aria-label={t`Devices`}>
          <Tabs.Trigger value="devices">{t`Devices`}</Tabs.Trigger>
          <Tabs.Trigger value="authorities">{t`Authorities and revocation lists`}</Tabs.Trigger>
        </Tabs.List>
        <Tabs.Content value="devices" className="device-content" tabIndex={-1}>
          <DevicesTab />
        </Tabs.Content>
        <Tabs.Content value="authorities" className="device-content" tabIndex={-1}>
          <AuthoritiesTab />
        </Tabs.Content>
      </Tabs.Root>
    </ScrollPage>
  );
}
