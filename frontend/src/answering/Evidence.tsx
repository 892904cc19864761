import { t } from "@lingui/core/macro";
import { CircleAlert, CircleCheck, CircleHelp, Layers, OctagonAlert } from "lucide-react";

import { Link } from "react-router";

import type { CaseEvidence, Finding, FlagValue, LaneEvidence, LaneName } from "@/api/types";
import { formatCount, formatFixed, formatPercent, shortHash } from "@/ui/format";
import type { KeyId } from "@/ui/keys";
import { laneLabel } from "@/ui/lanes";
import { Kbd, useAriaKey } from "@/ui/shortcuts";

import { isHard, orderLanes, STATUS_WORDS, weightWords } from "./words";

/** In practice nothing was decided before, and how often a flag is right would be the answer. */
export type ShownEvidence = Omit<
  CaseEvidence,
  "overruled_of_last" | "opinion_sha256" | "flag_values"
> & {
  readonly overruled_of_last: CaseEvidence["overruled_of_last"] | null;
  readonly flag_values?: CaseEvidence["flag_values"];
};

interface EvidenceProps {
  readonly evidence: ShownEvidence;
  readonly imageId: string;
  readonly shownMap: LaneName | null;
  readonly onMap: (lane: LaneName | null) => void;
}

const MAP_KEYS: Partial<Record<LaneName, KeyId>> = {
  synthesis: "map.synthesis",
  tamper: "map.tamper",
};

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
      {said.includes(finding.text) ? null : <p lang="en">{finding.text}</p>}
      {typeof film === "string" ? (
        <Link className="button button-small" to={`compare?with=${film}`}>
          {t`Lay both films side by side`}
        </Link>
      ) : null}
      <details>
        <summary>{t`Details`}</summary>
        <dl>
          <dt>{t`Weight`}</dt>
          <dd>
            {formatFixed(finding.weight, 2)}, {weightWords(finding.weight)}
          </dd>
          <dt>{t`Source`}</dt>
          <dd lang="en">{finding.source}</dd>
          <dt>{t`Code`}</dt>
          <dd className="mono">{finding.code}</dd>
          {facts.map(([name, value]) => (
            <div key={name} className="finding-fact">
              <dt lang="en">{name.replaceAll("_", " ")}</dt>
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

/** A flag is worth what it is worth here: few fakes among the films make most flags wrong. */
function FlagWorth({ worth }: { worth: FlagValue }) {
  const { prevalence, false_alarms: alarms, sensitivity, value } = worth;
  return (
    <p className="muted">
      {t`${formatPercent(value.value, 0)} of such flags are right (${formatPercent(value.low, 0)} to ${formatPercent(value.high, 0)}) if ${formatPercent(prevalence)} of the films here are generated: the model flags ${formatPercent(sensitivity.value, 0)} of those, and ${formatPercent(alarms, 0)} of real films.`}
    </p>
  );
}

interface LaneProps {
  readonly lane: LaneEvidence;
  readonly worth: FlagValue | undefined;
  readonly isShown: boolean;
  readonly onMap: (lane: LaneName | null) => void;
}

function Lane({ lane, worth, isShown, onMap }: LaneProps) {
  const keyId = MAP_KEYS[lane.lane] ?? "map.next";
  const ariaKey = useAriaKey(keyId);
  return (
    <li className="lane" data-lane={lane.lane} data-status={lane.status}>
      <div className="lane-head">
        <StatusMark lane={lane} />
        <h3>{laneLabel(lane.lane)}</h3>
        <span className="lane-status">{STATUS_WORDS[lane.status]}</span>
        {lane.suspicion === null ? null : (
          <span className="lane-suspicion" title={t`Suspicion, 0 to 1`}>
            {formatFixed(lane.suspicion, 2)}
          </span>
        )}
        {lane.has_heatmap || lane.findings.some((finding) => finding.region !== null) ? (
          <button
            type="button"
            className="chip lane-map"
            aria-pressed={isShown}
            aria-keyshortcuts={lane.has_heatmap ? ariaKey : undefined}
            onClick={(event) => {
              onMap(isShown ? null : lane.lane);
              if (event.detail > 0) event.currentTarget.blur();
            }}
          >
            <Layers size={13} aria-hidden />
            <span className="visually-hidden">{laneLabel(lane.lane)}:</span>
            {lane.has_heatmap ? (
              <>
                {t`Map`} <Kbd id={keyId} />
              </>
            ) : (
              t`On film`
            )}
          </button>
        ) : null}
      </div>
      <p className="lane-reason" lang="en">
        {lane.reason}
      </p>
      {worth === undefined || lane.status !== "finding" ? null : <FlagWorth worth={worth} />}
      {lane.findings.length > 0 ? (
        <ul className="findings">
          {lane.findings.map((finding, i) => (
            <FindingItem key={`${finding.code}-${i}`} finding={finding} said={lane.reason} />
          ))}
        </ul>
      ) : null}
      <p className="lane-facts">
        {laneVersion(lane)}
        {lane.model_sha256 === null ? "" : t`, model ${shortHash(lane.model_sha256)}`},{" "}
        {`${formatFixed(lane.seconds, lane.seconds < 10 ? 1 : 0)} s`}
        {lane.has_heatmap
          ? lane.has_reliability
            ? t`, with a reliability map`
            : t`, no reliability map`
          : ""}
      </p>
    </li>
  );
}

function Opinion({ evidence }: { evidence: ShownEvidence }) {
  const { suspicion, flagged, threshold, overruled_of_last: past } = evidence;
  return (
    <div className="opinion" data-flagged={flagged}>
      <div className="opinion-head">
        {flagged ? (
          <OctagonAlert size={18} aria-hidden className="tone-amber" />
        ) : (
          <CircleCheck size={18} aria-hidden className="lane-clear-mark" />
        )}
        <strong>{flagged ? t`Flagged` : t`Not flagged`}</strong>
        {suspicion === null ? (
          <span className="muted">{t`No lane could give a number.`}</span>
        ) : (
          <span className="opinion-number">
            {formatFixed(suspicion, 2)}
            <small> {t`flag from ${formatFixed(threshold, 2)}`}</small>
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
      <p lang="en">{evidence.reason}</p>
      {past === null ? null : past.flags > 0 ? (
        <p className="muted">
          {flagged
            ? t`${formatCount(past.overruled)} of the last ${formatCount(past.flags)} such flags were overruled (${formatPercent(past.overruled / past.flags, 0)}).`
            : t`${formatCount(past.overruled)} of the last ${formatCount(past.flags)} flags here were overruled (${formatPercent(past.overruled / past.flags, 0)}).`}
        </p>
      ) : (
        <p className="muted">{t`No flag has been decided here yet.`}</p>
      )}
    </div>
  );
}

/** What the lanes say, hard evidence first. */
export function Evidence({ evidence, imageId, shownMap, onMap }: EvidenceProps) {
  const image = evidence.images.find((known) => known.image_id === imageId);
  if (image === undefined) {
    return <p className="muted step">{t`The lanes have said nothing about this image.`}</p>;
  }
  return (
    <section className="evidence" aria-label={t`Evidence`}>
      <h2 className="visually-hidden">{t`Evidence`}</h2>
      <Opinion evidence={evidence} />
      {evidence.images.length > 1 ? (
        <p className="muted evidence-image">
          {image.flagged ? t`Lanes for this image. Flagged:` : t`Lanes for this image.`}{" "}
          <span lang="en">{image.reason}</span>
        </p>
      ) : null}
      <ul className="lanes">
        {orderLanes(image.lanes).map((lane) => (
          <Lane
            key={lane.lane}
            lane={lane}
            worth={evidence.flag_values?.find((known) => known.lane === lane.lane)}
            isShown={shownMap === lane.lane}
            onMap={onMap}
          />
        ))}
      </ul>
      <p className="muted evidence-note">
        {t`Research software, not a medical device. The lanes advise; you decide.`}
      </p>
    </section>
  );
}
