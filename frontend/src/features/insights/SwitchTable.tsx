import { formatCount } from "@/ui/format";

const NAMES: Record<string, string> = {
  right_to_right: "Right, stayed right",
  wrong_to_right: "Wrong, then right",
  right_to_wrong: "Right, then wrong",
  wrong_to_wrong: "Wrong, stayed wrong",
};
const TONES: Record<string, string> = {
  wrong_to_right: "tone-green",
  right_to_wrong: "tone-red",
};

/** How often the evidence changed an answer; bars and numbers in one table. */
export function SwitchTable({ switches }: { switches: Record<string, number> }) {
  const rows = Object.entries(switches);
  const most = Math.max(1, ...rows.map(([, count]) => count));
  if (rows.every(([, count]) => count === 0)) {
    return <p className="insights-none">No answer can be compared with its verdict yet.</p>;
  }
  return (
    <table className="data-table switch-table">
      <thead>
        <tr>
          <th scope="col">First answer, then verdict</th>
          <th scope="col">Reads</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, count]) => (
          <tr key={name}>
            <th scope="row">{NAMES[name] ?? name.replaceAll("_", " ")}</th>
            <td>
              <span className="share">
                <span className="numeric">{formatCount(count)}</span>
                <span className={`bar ${TONES[name] ?? "tone-grey"}`} aria-hidden>
                  <span style={{ width: `${(100 * count) / most}%` }} />
                </span>
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
