import { t } from "@lingui/core/macro";
import { BadgeCheck, Plus } from "lucide-react";
import { useCallback, useState } from "react";
import { Link, useNavigate } from "react-router";

import { may, useMe } from "@/api/session";
import type { Device } from "@/api/types";
import { Button } from "@/ui/Button";
import { shortHash } from "@/ui/format";
import { SearchField } from "@/ui/SearchField";
import { EmptyState, ErrorState, SkeletonRows } from "@/ui/states";
import { useUrlFilters } from "@/ui/useUrlFilters";

import { EnrolDialog } from "./EnrolDialog";
import { State } from "./State";
import { useDeviceList } from "./useDevices";
import { DEVICE_STATES, untilWords } from "./words";

const DEFAULTS = { q: "", shown: "in_use" };

const SHOWN: readonly [value: string, label: string][] = [
  ["in_use", t`In use`],
  ["attention", t`Needs attention`],
  ["retired", t`Retired`],
  ["all", t`All`],
];

export function DevicesTab() {
  const mayManage = may(useMe(), "manage_devices");
  const navigate = useNavigate();
  const [{ q, shown: wanted }, setFilters] = useUrlFilters(DEFAULTS);
  const shown = SHOWN.some(([value]) => value === wanted) ? wanted : "in_use";
  const [isEnrolling, setEnrolling] = useState(false);
  const setQ = useCallback((value: string) => setFilters({ q: value }), [setFilters]);
  const devices = useDeviceList({ q: q.trim(), shown });
  const items = devices.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <div className="device-bar">
        <SearchField
          label={t`Name, manufacturer, serial number`}
          placeholder={t`Name, manufacturer, serial number`}
          value={q}
          onChange={setQ}
        />
        <div className="device-chips" role="group" aria-label={t`Which devices`}>
          {SHOWN.map(([value, label]) => (
            <button
              key={value}
              type="button"
              className="chip"
              aria-pressed={shown === value}
              onClick={() => setFilters({ shown: value })}
            >
              {label}
            </button>
          ))}
        </div>
        <span className="spacer" />
        {mayManage ? (
          <Button variant="primary" onClick={() => setEnrolling(true)}>
            <Plus size={15} aria-hidden />
            {t`Enrol a device`}
          </Button>
        ) : null}
      </div>
      <section className="panel" aria-label={t`Devices`}>
        {devices.isPending ? (
          <SkeletonRows label={t`Loading the devices`} count={6} />
        ) : devices.data === undefined ? (
          <ErrorState
            title={t`The devices could not be loaded`}
            error={devices.error}
            onRetry={() => void devices.refetch()}
          />
        ) : items.length === 0 ? (
          <NoDevices isFiltered={q !== "" || shown !== "in_use"} mayManage={mayManage} />
        ) : (
          <DeviceTable items={items} />
        )}
      </section>
      {devices.hasNextPage ? (
        <Button
          disabled={devices.isFetchingNextPage}
          onClick={() => void devices.fetchNextPage()}
        >
          {devices.isFetchingNextPage ? t`Loading` : t`Load more`}
        </Button>
      ) : null}
      {isEnrolling ? (
        <EnrolDialog
          onEnrolled={(device) => void navigate(`/devices/${device.id}`)}
          onClose={() => setEnrolling(false)}
        />
      ) : null}
    </>
  );
}

function NoDevices({ isFiltered, mayManage }: { isFiltered: boolean; mayManage: boolean }) {
  if (isFiltered) return <EmptyState title={t`No device matches`} icon={BadgeCheck} />;
  return (
    <EmptyState title={t`No device is enrolled`} icon={BadgeCheck}>
      <p>
        {mayManage
          ? t`Until one is, a digital signature says that a film was not changed, but not who made it.`
          : t`An administrator of your site can enrol the devices that sign their films.`}
      </p>
    </EmptyState>
  );
}

function DeviceTable({ items }: { items: readonly Device[] }) {
  return (
    <table className="data-table device-table">
      <thead>
        <tr>
          <th scope="col">{t`State`}</th>
          <th scope="col">{t`Name`}</th>
          <th scope="col">{t`Manufacturer and model`}</th>
          <th scope="col">{t`Serial number`}</th>
          <th scope="col">{t`AE title`}</th>
          <th scope="col">{t`Trusted until`}</th>
          <th scope="col">{t`Certificate`}</th>
        </tr>
      </thead>
      <tbody>
        {items.map((device) => (
          <tr key={device.id}>
            <td>
              <State look={DEVICE_STATES[device.state]} />
            </td>
            <th scope="row">
              <Link to={`/devices/${device.id}`}>{device.name}</Link>
            </th>
            <td>{[device.manufacturer, device.model_name].filter(Boolean).join(", ")}</td>
            <td>
              <code>{device.serial_number}</code>
            </td>
            <td>
              {device.ae_title === "" ? (
                <span className="muted">{t`not given`}</span>
              ) : (
                <code>{device.ae_title}</code>
              )}
            </td>
            <td>{untilWords(device.certificate)}</td>
            <td>
              <code title={device.certificate.sha256}>
                {shortHash(device.certificate.sha256)}
              </code>{" "}
              <code className="muted">{device.certificate.key}</code>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
