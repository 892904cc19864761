import { t } from "@lingui/core/macro";
import { OctagonAlert, Pause, Play } from "lucide-react";
import type { KeyboardEvent } from "react";

import { Hint } from "@/ui/Button";
import { useAriaKey } from "@/ui/shortcuts";

import { CINE_RATES, type Cine } from "./useCine";

interface StackBarProps {
  readonly index: number;
  readonly count: number;
  /** Indices of flagged slices, ascending; empty until the evidence may be seen. */
  readonly flagged: readonly number[];
  readonly onIndex: (index: number) => void;
  readonly cine: Cine;
}

/** Return where along the slider a slice lies, 0..1. */
function shareOf(index: number, count: number): number {
  return count < 2 ? 0 : index / (count - 1);
}

/** Where in the stack the reader is, and a way through it by slider or film. */
export function StackBar({ index, count, flagged, onIndex, cine }: StackBarProps) {
  const ariaKey = useAriaKey("film.cine");
  const label = cine.isOn ? t`Stop the cine` : t`Play as cine`;
  const onKeyDown = (event: KeyboardEvent) => {
    // On the slider they are the slider's; elsewhere they pan the film.
    const steps = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (steps === 0 || event.shiftKey) return;
    event.preventDefault();
    onIndex(Math.min(count - 1, Math.max(0, index + steps)));
  };
  return (
    <div className="stack-bar" role="group" aria-label={t`Stack`}>
      <Hint text={label} keyId="film.cine" side="top">
        <button
          type="button"
          className="tool"
          aria-label={label}
          aria-keyshortcuts={ariaKey}
          aria-pressed={cine.isOn}
          onClick={(event) => {
            cine.toggle();
            if (event.detail > 0) event.currentTarget.blur();
          }}
        >
          {cine.isOn ? <Pause size={16} aria-hidden /> : <Play size={16} aria-hidden />}
        </button>
      </Hint>
      <div className="stack-way">
        <input
          type="range"
          min={1}
          max={count}
          value={index + 1}
          aria-label={t`Slice`}
          aria-valuetext={t`Slice ${index + 1} of ${count}`}
          onKeyDown={onKeyDown}
          onChange={(event) => onIndex(Number(event.target.value) - 1)}
        />
        {flagged.map((at) => (
          <i key={at} className="stack-flag" style={{ left: `${shareOf(at, count) * 100}%` }} />
        ))}
      </div>
      {flagged.length > 0 ? (
        <button
          type="button"
          className="chip tone-amber"
          onClick={() => onIndex(flagged.find((at) => at > index) ?? flagged[0] ?? index)}
        >
          <OctagonAlert size={13} aria-hidden />
          {t`${flagged.length} flagged`}
          <span className="visually-hidden">{t`: go to the next`}</span>
        </button>
      ) : null}
      <span className="numeric stack-number" data-slice={index + 1}>
        {index + 1} / {count}
      </span>
      <label className="stack-rate">
        <span className="visually-hidden">{t`Slices per second`}</span>
        <select
          className="input"
          value={cine.rate}
          onChange={(event) => cine.setRate(Number(event.target.value))}
        >
          {CINE_RATES.map((rate) => (
            <option key={rate} value={rate}>
              {`${rate} / s`}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}
