import { t } from "@lingui/core/macro";
import type { InsightsSummary } from "@/api/types";
import { formatCount } from "@/ui/format";

type Switches = InsightsSummary["switches"];

const NAMES: Record<keyof Switches, string> = {
  suspicious_to_authentic: t`Suspicious, then authentic`,
  authentic_to_suspicious: t`Authentic, then suspicious`,
};
const ORDER = ["suspicious_to_authentic", "authentic_to_suspicious"] as const;

/** How often the evidence changed an answer; bars and numbers in one table. */
export function SwitchTable({ switches }: { switches: Switches }) {
  const most = Math.max(1, ...ORDER.map((name) => switches[name]));
  if (ORDER.every((name) => switches[name] === 0)) {
    return <p className="insights-none">{t`No reader has changed an answer yet.`}</p>;
  }
  return (
    <table className="data-table switch-table">
      <thead>
        <tr>
          <th scope="col">{t`First answer, then verdict`}</th>
          <th scope="col">{t`Reads`}</th>
        </tr>
      </thead>
      <tbody>
        {ORDER.map((name) => (
          <tr key={name}>
            <th scope="row">{NAMES[name]}</th>
            <td>
              <span className="share">
                <span className="numeric">{formatCount(switches[name])}</span>
                <span className="bar tone-amber" aria-hidden>
                  <span style={{ width: `${(100 * switches[name]) / most}%` }} />
                </span>
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
