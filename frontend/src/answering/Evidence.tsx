import { CircleAlert, CircleCheck, CircleHelp, Layers, OctagonAlert } from "lucide-react";

import { Link } from "react-router";

import type { CaseEvidence, Finding, ImageEvidence, LaneEvidence, LaneName } from "@/api/types";
import { formatPercent, formatCount, shortHash } from "@/ui/format";
import { laneLabel } from "@/ui/lanes";

import { isHard, orderLanes, STATUS_WORDS, weightWords } from "./words";

/** Null where no flags were decided that this one could be compared with. */
export type ShownEvidence = Omit<CaseEvidence, "overruled_of_last"> & {
  readonly overruled_of_last: CaseEvidence["overruled_of_last"] | null;
};

interface EvidenceProps {
  readonly evidence: ShownEvidence;
  readonly imageId: string;
  readonly shownMap: LaneName | null;
  readonly onMap: (lane: LaneName | null) => void;
}

const MAP_KEYS: Partial<Record<LaneName, string>> = { synthesis: "H", tamper: "J" };

function StatusMark({ lane }: { lane: LaneEvidence }) {
  const hard = lane.findings.some(isHard);
  const against = lane.findings.some((finding) => isHard(finding) && finding.weight > 0);
  if (lane.status === "not_assessable") {
    return <CircleHelp size={16} aria-hidden className="tone-grey" />;
  }
  if (hard && against) return <OctagonAlert size={16} aria-hidden className="tone-red" />;
  if (lane.status === "finding") {
    return <CircleAlert size={16} aria-hidden className="tone-amber" />;
  }
  return (
    <CircleCheck size={16} aria-hidden className={hard ? "tone-green" : "lane-clear-mark"} />
  );
}

function detailText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** `said`: the lane's own sentence, not to be said twice. */
function FindingItem({ finding, said }: { finding: Finding; said: string }) {
  const facts = Object.entries(finding.detail);
  const film = finding.detail["film_id"];
  return (
    <li className="finding">
      {said.includes(finding.text) ? null : <p>{finding.text}</p>}
      {typeof film === "string" ? (
        <Link className="button button-small" to={`compare?with=${film}`}>
          Lay both films side by side
        </Link>
      ) : null}
      <details>
        <summary>Details</summary>
        <dl>
          <dt>Weight</dt>
          <dd>
            {finding.weight.toFixed(2)}, {weightWords(finding.weight)}
          </dd>
          <dt>Source</dt>
          <dd>{finding.source}</dd>
          <dt>Code</dt>
          <dd className="mono">{finding.code}</dd>
          {facts.map(([name, value]) => (
            <div key={name} className="finding-fact">
              <dt>{name.replaceAll("_", " ")}</dt>
              <dd className="mono">{detailText(value)}</dd>
            </div>
          ))}
        </dl>
      </details>
    </li>
  );
}

/** Some lanes name themselves in their version. */
function laneVersion({ lane, version }: LaneEvidence): string {
  return version.startsWith(`${lane}-`) ? version : `${lane} ${version}`;
}

interface LaneProps {
  readonly lane: LaneEvidence;
  readonly isShown: boolean;
  readonly onMap: (lane: LaneName | null) => void;
}

function Lane({ lane, isShown, onMap }: LaneProps) {
  const key = MAP_KEYS[lane.lane] ?? "K";
  return (
    <li className="lane" data-lane={lane.lane} data-status={lane.status}>
      <div className="lane-head">
        <StatusMark lane={lane} />
        <h3>{laneLabel(lane.lane)}</h3>
        <span className="lane-status">{STATUS_WORDS[lane.status]}</span>
        {lane.suspicion === null ? null : (
          <span className="lane-suspicion" title="Suspicion, 0 to 1">
            {lane.suspicion.toFixed(2)}
          </span>
        )}
        {lane.has_heatmap || lane.findings.some((finding) => finding.region !== null) ? (
          <button
            type="button"
            className="chip lane-map"
            aria-pressed={isShown}
            aria-keyshortcuts={lane.has_heatmap ? key : undefined}
            onClick={(event) => {
              onMap(isShown ? null : lane.lane);
              if (event.detail > 0) event.currentTarget.blur();
            }}
          >
            <Layers size={13} aria-hidden />
            <span className="visually-hidden">{laneLabel(lane.lane)}:</span>
            {lane.has_heatmap ? (
              <>
                Map <kbd aria-hidden>{key}</kbd>
              </>
            ) : (
              "On film"
            )}
          </button>
        ) : null}
      </div>
      <p className="lane-reason">{lane.reason}</p>
      {lane.findings.length > 0 ? (
        <ul className="findings">
          {lane.findings.map((finding, i) => (
            <FindingItem key={`${finding.code}-${i}`} finding={finding} said={lane.reason} />
          ))}
        </ul>
      ) : null}
      <p className="lane-facts">
        {laneVersion(lane)}
        {lane.model_sha256 === null ? "" : `, model ${shortHash(lane.model_sha256)}`},{" "}
        {lane.seconds.toFixed(lane.seconds < 10 ? 1 : 0)} s
        {lane.has_heatmap
          ? lane.has_reliability
            ? ", with a reliability map"
            : ", no reliability map"
          : ""}
      </p>
    </li>
  );
}

function Opinion({ evidence, image }: { evidence: ShownEvidence; image: ImageEvidence }) {
  const { suspicion, flagged, threshold, overruled_of_last: past } = evidence;
  return (
    <div className="opinion" data-flagged={flagged}>
      <div className="opinion-head">
        {flagged ? (
          <OctagonAlert size={18} aria-hidden className="tone-amber" />
        ) : (
          <CircleCheck size={18} aria-hidden className="lane-clear-mark" />
        )}
        <strong>{flagged ? "Flagged" : "Not flagged"}</strong>
        {suspicion === null ? (
          <span className="muted">No lane could give a number.</span>
        ) : (
          <span className="opinion-number">
            {suspicion.toFixed(2)}
            <small> flag from {threshold.toFixed(2)}</small>
          </span>
        )}
      </div>
      {suspicion === null ? null : (
        <div className="opinion-bar" aria-hidden>
          <span
            className={flagged ? "tone-amber" : "lane-clear-mark"}
            style={{ width: `${suspicion * 100}%` }}
          />
          <i style={{ left: `${threshold * 100}%` }} />
        </div>
      )}
      <p>{evidence.reason}</p>
      {image.override === null ? null : (
        <p className="opinion-override">
          Outranks the pixels: <span className="mono">{image.override}</span>
        </p>
      )}
      {past === null ? null : past.flags > 0 ? (
        <p className="muted">
          {formatCount(past.overruled)} of the last {formatCount(past.flags)}{" "}
          {flagged ? "such flags" : "flags here"} were overruled (
          {formatPercent(past.overruled / past.flags, 0)}).
        </p>
      ) : (
        <p className="muted">No flag has been decided here yet.</p>
      )}
    </div>
  );
}

/** What the lanes say, hard evidence first. */
export function Evidence({ evidence, imageId, shownMap, onMap }: EvidenceProps) {
  const image = evidence.images.find((known) => known.image_id === imageId);
  if (image === undefined) {
    return <p className="muted step">The lanes have said nothing about this image.</p>;
  }
  return (
    <section className="evidence" aria-label="Evidence">
      <h2 className="visually-hidden">Evidence</h2>
      <Opinion evidence={evidence} image={image} />
      {evidence.images.length > 1 ? (
        <p className="muted evidence-image">
          Lanes for this image. {image.flagged ? "Flagged: " : ""}
          {image.reason}
        </p>
      ) : null}
      <ul className="lanes">
        {orderLanes(image.lanes).map((lane) => (
          <Lane key={lane.lane} lane={lane} isShown={shownMap === lane.lane} onMap={onMap} />
        ))}
      </ul>
      <p className="muted evidence-note">
        Research software, not a medical device. The lanes advise; you decide.
      </p>
    </section>
  );
}
