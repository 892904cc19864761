import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import {
  Columns2,
  Contrast,
  Diff,
  FlipVertical2,
  Hand,
  Maximize,
  RefreshCwOff,
  RotateCcw,
  RotateCw,
  SplitSquareHorizontal,
  SunMedium,
  ZoomIn,
  ZoomOut,
  type LucideIcon,
} from "lucide-react";
import type { Dispatch, RefObject } from "react";

import { Hint } from "@/ui/Button";
import { hintFor, type KeyId } from "@/ui/keys";
import { Kbd, useAriaKey, useKeymap } from "@/ui/shortcuts";

import type { CompareAction, CompareMode, CompareState } from "./compareModes";
import type { Tool, ViewerAction } from "./state";

export const MODES: readonly {
  mode: CompareMode;
  label: string;
  icon: LucideIcon;
}[] = [
  { mode: "side", label: t`Side by side`, icon: Columns2 },
  { mode: "swipe", label: t`Swipe`, icon: SplitSquareHorizontal },
  { mode: "blink", label: t`Blink`, icon: RefreshCwOff },
  { mode: "difference", label: t`Difference`, icon: Diff },
];

interface CompareToolsProps {
  readonly compared: CompareState;
  readonly onCompare: Dispatch<CompareAction>;
  readonly dispatch: Dispatch<ViewerAction>;
  readonly inverted: boolean;
  readonly flipped: boolean;
  readonly tool: Tool;
  /** The slices on screen are not of one place: one stack has none there. */
  readonly isApart: boolean;
  /** The film on screen while blinking. */
  readonly shown: string | null;
}

interface ActProps {
  readonly icon: LucideIcon;
  readonly label: string;
  readonly keyId: KeyId;
  readonly pressed?: boolean;
  readonly onClick: () => void;
}

function Act({ icon: Icon, label, keyId, pressed, onClick }: ActProps) {
  const ariaKey = useAriaKey(keyId);
  return (
    <Hint text={label} keyId={keyId} side="top">
      <button
        type="button"
        className="tool"
        aria-label={label}
        aria-pressed={pressed}
        aria-keyshortcuts={ariaKey}
        onClick={(event) => {
          onClick();
          // After a click the keys belong to the films again.
          if (event.detail > 0) event.currentTarget.blur();
        }}
      >
        <Icon size={17} strokeWidth={1.75} aria-hidden />
      </button>
    </Hint>
  );
}

export function CompareTools(props: CompareToolsProps) {
  const { compared, onCompare, dispatch, tool, shown } = props;
  const keymap = useKeymap();
  return (
    <div className="toolbar" role="toolbar" aria-label={t`Compare tools`}>
      <div className="tool-group">
        {MODES.map(({ mode, label, icon: Icon }) => (
          <button
            key={mode}
            type="button"
            className="tool compare-mode"
            aria-pressed={compared.mode === mode}
            aria-keyshortcuts={hintFor(`compare.${mode}`, keymap)}
            onClick={(event) => {
              onCompare({ type: "mode", mode });
              if (event.detail > 0) event.currentTarget.blur();
            }}
          >
            <Icon size={16} strokeWidth={1.75} aria-hidden />
            {label}
            <Kbd id={`compare.${mode}`} />
          </button>
        ))}
      </div>
      {compared.mode === "swipe" ? (
        <label className="compare-swipe">
          <span className="visually-hidden">{t`Swipe, percent from the left`}</span>
          <input
            type="number"
            className="input numeric"
            min={0}
            max={100}
            step={1}
            value={Math.round(compared.swipe)}
            onChange={(event) => onCompare({ type: "swipe", to: Number(event.target.value) })}
          />
          %
        </label>
      ) : null}
      <p className="compare-shown" role="status">
        {shown === null ? null : (
          <>
            <span className="visually-hidden">{t`Shown: ${shown}`}</span>
            <Trans>
              <kbd>Space</kbd> swaps
            </Trans>
          </>
        )}
        {compared.mode === "difference" && !props.isApart ? t`Black: both agree` : null}
      </p>
      <div className="tool-group compare-view-tools">
        <Act
          icon={SunMedium}
          label={t`Window and level of both: drag`}
          keyId="film.window"
          pressed={tool === "window"}
          onClick={() => dispatch({ type: "tool", tool: "window" })}
        />
        <Act
          icon={Hand}
          label={t`Move both: drag`}
          keyId="film.pan"
          pressed={tool === "pan"}
          onClick={() => dispatch({ type: "tool", tool: "pan" })}
        />
        <Act
          icon={ZoomOut}
          label={t`Zoom out`}
          keyId="film.zoom_out"
          onClick={() => dispatch({ type: "zoom", factor: 0.8 })}
        />
        <Act
          icon={ZoomIn}
          label={t`Zoom in`}
          keyId="film.zoom_in"
          onClick={() => dispatch({ type: "zoom", factor: 1.25 })}
        />
        <Act
          icon={Maximize}
          label={t`Fit to view`}
          keyId="film.fit"
          onClick={() => dispatch({ type: "fit" })}
        />
        <Act
          icon={Contrast}
          label={t`Invert greys`}
          keyId="film.invert"
          pressed={props.inverted}
          onClick={() => dispatch({ type: "invert" })}
        />
        <Act
          icon={RotateCw}
          label={t`Turn by 90 degrees`}
          keyId="film.turn"
          onClick={() => dispatch({ type: "turn" })}
        />
        <Act
          icon={FlipVertical2}
          label={t`Flip left to right`}
          keyId="film.flip"
          pressed={props.flipped}
          onClick={() => dispatch({ type: "flip" })}
        />
        <Act
          icon={RotateCcw}
          label={t`Reset the view`}
          keyId="film.reset"
          onClick={() => dispatch({ type: "reset" })}
        />
      </div>
    </div>
  );
}

interface SwipeHandleProps {
  readonly filmsRef: RefObject<HTMLDivElement | null>;
  readonly swipe: number;
  readonly onCompare: Dispatch<CompareAction>;
}

/** The edge between the films, moved by hand; arrows and a number do the same. */
export function SwipeHandle({ filmsRef, swipe, onCompare }: SwipeHandleProps) {
  return (
    <div
      className="compare-handle"
      role="slider"
      tabIndex={0}
      aria-label={t`Swipe`}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(swipe)}
      aria-valuetext={t`${Math.round(swipe)} % from the left`}
      style={{ left: `${swipe}%` }}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={(event) => {
        const box = filmsRef.current?.getBoundingClientRect();
        if (!box || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
        onCompare({ type: "swipe", to: ((event.clientX - box.left) / box.width) * 100 });
      }}
    />
  );
}
