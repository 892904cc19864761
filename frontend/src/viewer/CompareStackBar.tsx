/** Where two stacks stand, how they are scrolled as one, and a slider for each. */
import { plural, t } from "@lingui/core/macro";
import { Link2, Link2Off, Undo2 } from "lucide-react";
import { useId, type Dispatch, type KeyboardEvent } from "react";

import { Hint } from "@/ui/Button";
import { formatShort } from "@/ui/format";
import { Kbd, useAriaKey } from "@/ui/shortcuts";

import { offsetOf, type Basis, type PairAction, type Side } from "./comparePairs";
import type { PairHandle } from "./usePair";

interface Stack {
  readonly label: string;
  readonly count: number;
}

interface CompareStackBarProps {
  readonly pairing: PairHandle;
  readonly first: Stack;
  readonly other: Stack;
}

const BASIS_WORDS: Readonly<Record<Basis, { short: string; long: string }>> = {
  place: {
    short: t`Linked by position`,
    long: t`Both share a frame of reference: each shows the slice at the same place.`,
  },
  distance: {
    short: t`Linked by distance`,
    long: t`No common frame of reference: both move by the same distance. Scroll one by itself to bring them into register.`,
  },
  number: {
    short: t`Linked by number`,
    long: t`It is not known how the slices lie to each other: both move by as many slices. Scroll one by itself to bring them into register.`,
  },
};

const UNLINKED = {
  short: t`Not linked`,
  long: t`Each is scrolled by itself. Linked again, both keep the offset they have then.`,
};

/** "+3 slices", "−2.5 mm"; empty where nothing was moved by hand. */
function offsetWords(by: number, basis: Basis): string {
  const rounded = Math.round(by * 10) / 10;
  if (rounded === 0) return "";
  const sign = rounded > 0 ? "+" : "−";
  const size = Math.abs(rounded);
  if (basis !== "number") return `${sign}${formatShort(size)} mm`;
  return `${sign}${plural(size, { one: "# slice", other: "# slices" })}`;
}

interface SliderProps {
  readonly stack: Stack;
  readonly side: Side;
  readonly index: number;
  /** While each is scrolled by itself: whether the keys scroll this one. */
  readonly isKeyed: boolean | null;
  readonly dispatch: Dispatch<PairAction>;
}

function Slider({ stack: { label, count }, side, index, isKeyed, dispatch }: SliderProps) {
  if (count < 2) return <span className="compare-slider" />;
  const onKeyDown = (event: KeyboardEvent) => {
    // Up, Down and the page keys scroll both, or this one: it has the focus.
    const steps = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (steps === 0 || event.shiftKey) return;
    event.preventDefault();
    dispatch({ type: "step", steps, side });
  };
  return (
    <span className="compare-slider" data-keyed={isKeyed === true ? "" : undefined}>
      <input
        type="range"
        min={1}
        max={count}
        value={index + 1}
        aria-label={t`Slice, ${label}`}
        aria-valuetext={t`Slice ${index + 1} of ${count}`}
        onFocus={() => dispatch({ type: "side", to: side })}
        onKeyDown={onKeyDown}
        onChange={(event) => dispatch({ type: "go", to: Number(event.target.value) - 1, side })}
      />
      <span className="numeric stack-number">
        {index + 1} / {count}
      </span>
      <Kbd id="compare.scrolled" {...(isKeyed === false ? {} : { className: "is-idle" })} />
    </span>
  );
}

export function CompareStackBar({ pairing, first, other }: CompareStackBarProps) {
  const { linking, state, dispatch, wanted } = pairing;
  const wordsId = useId();
  const linkKey = useAriaKey("compare.link");
  const words = state.isLinked ? BASIS_WORDS[linking.basis] : UNLINKED;
  const moved = offsetWords(offsetOf(state), linking.basis);
  const Icon = state.isLinked ? Link2 : Link2Off;
  const slider = (side: Side, stack: Stack) => (
    <Slider
      stack={stack}
      side={side}
      index={wanted[side]}
      isKeyed={state.isLinked ? null : state.side === side}
      dispatch={dispatch}
    />
  );
  return (
    <div className="stack-bar compare-stacks" role="group" aria-label={t`Stacks`}>
      {slider("first", first)}
      <span className="compare-link">
        <Hint text={words.long} side="top">
          <button
            type="button"
            className="tool compare-linked"
            aria-describedby={wordsId}
            aria-keyshortcuts={linkKey}
            aria-pressed={state.isLinked}
            onClick={(event) => {
              dispatch({ type: "link" });
              if (event.detail > 0) event.currentTarget.blur();
            }}
          >
            <Icon size={16} aria-hidden />
            {words.short}
            <Kbd id="compare.link" />
          </button>
        </Hint>
        <span className="visually-hidden" id={wordsId}>
          {words.long}
        </span>
        {moved === "" ? null : (
          <button
            type="button"
            className="chip"
            aria-label={t`Moved by hand: ${moved}. Take it back`}
            onClick={(event) => {
              dispatch({ type: "restart" });
              if (event.detail > 0) event.currentTarget.blur();
            }}
          >
            {moved}
            <Undo2 size={13} aria-hidden />
          </button>
        )}
      </span>
      {slider("other", other)}
    </div>
  );
}
