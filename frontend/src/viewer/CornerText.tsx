/** Text in the corners of the film and the sides of the patient, as on a light box. */
import { t } from "@lingui/core/macro";
import { edgeMarkers, type View } from "@/geometry";
import type { Film } from "@/imaging";

const STORAGE_KEY = "truefilm.viewer.corner-text";

/** What the page knows of the patient and the study, line by line. PHI: never stored. */
export interface CornerFacts {
  readonly patient: readonly string[];
  readonly study: readonly string[];
}

/** Shown unless the reader turned it off on this machine. */
export function readCornerText(): boolean {
  return localStorage.getItem(STORAGE_KEY) !== "off";
}

export function keepCornerText(isShown: boolean): void {
  localStorage.setItem(STORAGE_KEY, isShown ? "on" : "off");
}

/** Of what the server names in English; the symbols beside these stay as they are. */
const TECHNIQUE: Readonly<Record<string, string>> = {
  exposure: t`exposure`,
  slice: t`slice`,
  at: t`at`,
  kernel: t`kernel`,
};

interface CornerTextProps {
  readonly film: Film;
  readonly facts: CornerFacts;
  readonly isTopLeftFree: boolean;
  readonly isTopRightFree: boolean;
}

export function CornerText({ film, facts, ...free }: CornerTextProps) {
  const { technique } = film.meta.display;
  const lines = (all: readonly string[]) =>
    all.filter((line) => line !== "").map((line) => <span key={line}>{line}</span>);
  return (
    <>
      {free.isTopLeftFree ? (
        <div className="corner corner-patient" data-corner="patient">
          {lines(facts.patient)}
        </div>
      ) : null}
      {free.isTopRightFree ? (
        <div className="corner corner-study" data-corner="study">
          {lines(facts.study)}
        </div>
      ) : null}
      {technique.length > 0 ? (
        <div className="corner corner-technique" data-corner="technique">
          {technique.map(({ label, value }) => (
            <span key={label}>
              {TECHNIQUE[label] ?? label} {value}
            </span>
          ))}
        </div>
      ) : null}
    </>
  );
}

const EDGES = { left: t`left`, right: t`right`, top: t`top`, bottom: t`bottom` };

const WORDS: Readonly<Record<string, string>> = {
  L: t`left`,
  R: t`right`,
  A: t`front`,
  P: t`back`,
  H: t`head`,
  F: t`foot`,
};

/** The sides of the patient at the edges of the viewport, where the file states them. */
export function SideMarkers({ film, view }: { film: Film; view: View }) {
  const { orientation } = film.meta.display;
  if (orientation === null) return null;
  const markers = edgeMarkers(orientation, view);
  return (
    <>
      {(["left", "right", "top", "bottom"] as const).map((edge) => (
        <div key={edge} className={`side side-${edge}`} data-side={edge}>
          <span aria-hidden>{markers[edge]}</span>
          <span className="visually-hidden">
            {t`The patient's ${[...markers[edge]].map((side) => WORDS[side]).join(" ")} is at the ${EDGES[edge]}.`}
          </span>
        </div>
      ))}
    </>
  );
}
