import {
  ALargeSmall,
  AudioWaveform,
  Circle,
  Contrast,
  Crosshair,
  FlipVertical2,
  Hand,
  Lasso,
  Maximize,
  MoveUpLeft,
  PenTool,
  RectangleHorizontal,
  Ruler,
  RotateCcw,
  RotateCw,
  Search,
  Square,
  SquareDashed,
  SunDim,
  SunMedium,
  TriangleRight,
  Undo2,
  WandSparkles,
  ZoomIn,
  ZoomOut,
  type LucideIcon,
} from "lucide-react";
import { memo, type Dispatch } from "react";

import { Hint } from "@/ui/Button";

import type { Preset } from "./presets";
import type { Tool, ViewerAction } from "./state";
import type { Windows } from "./useWindows";
import { WindowMenu } from "./WindowMenu";

interface ToolbarProps {
  readonly tool: Tool;
  readonly magnifier: boolean;
  readonly inverted: boolean;
  readonly flipped: boolean;
  readonly cornerText: boolean;
  readonly dispatch: Dispatch<ViewerAction>;
  readonly onTool: (tool: Tool) => void;
  readonly onCornerText: () => void;
  readonly forensic: boolean;
  /** Null where they may not be seen yet. */
  readonly onForensic: (() => void) | null;
  readonly canMark: boolean;
  readonly onUndo: () => void;
  readonly canUndo: boolean;
  readonly onNumbers: () => void;
  readonly windows: Windows;
  readonly preset: Preset | null;
}

interface ItemProps {
  readonly icon: LucideIcon;
  readonly label: string;
  readonly hint: string;
  readonly pressed?: boolean;
  readonly disabled?: boolean;
  readonly onClick: () => void;
}

function Item({ icon: Icon, label, hint, pressed, disabled = false, onClick }: ItemProps) {
  return (
    <Hint text={label} shortcut={hint} side="top">
      <button
        type="button"
        className="tool"
        aria-label={label}
        aria-keyshortcuts={hint.replace(" ", "+")}
        aria-pressed={pressed}
        disabled={disabled}
        onClick={(event) => {
          onClick();
          // After a click the keys belong to the film and the read again.
          if (event.detail > 0) event.currentTarget.blur();
        }}
      >
        <Icon size={17} strokeWidth={1.75} aria-hidden />
      </button>
    </Hint>
  );
}

/** Takes plain values, not the whole state: a drag must not draw two dozen buttons anew. */
export const Toolbar = memo(function Toolbar(props: ToolbarProps) {
  const { dispatch, onTool, canMark, onUndo, canUndo, onNumbers, windows } = props;
  const tool = (which: Tool, icon: LucideIcon, label: string, hint: string) => (
    <Item
      icon={icon}
      label={label}
      hint={hint}
      pressed={props.tool === which}
      onClick={() => onTool(which)}
    />
  );
  const act = (type: "fit" | "turn" | "flip" | "reset") => () => dispatch({ type });
  return (
    <div className="toolbar" role="toolbar" aria-label="Film tools">
      <div className="tool-group">
        {tool("window", SunMedium, "Window and level: drag", "W")}
        {tool("pan", Hand, "Move: drag", "D")}
        <Item
          icon={Search}
          label="Magnifier"
          hint="M"
          pressed={props.magnifier}
          onClick={() => dispatch({ type: "magnifier" })}
        />
      </div>
      <div className="tool-group">
        <Item
          icon={ZoomOut}
          label="Zoom out"
          hint="-"
          onClick={() => dispatch({ type: "zoom", factor: 0.8 })}
        />
        <Item
          icon={ZoomIn}
          label="Zoom in"
          hint="+"
          onClick={() => dispatch({ type: "zoom", factor: 1.25 })}
        />
        <Item icon={Maximize} label="Fit to view" hint="0" onClick={act("fit")} />
        <Hint text="One film pixel per screen pixel" shortcut="9" side="top">
          <button
            type="button"
            className="tool tool-text"
            aria-label="1:1, one film pixel per screen pixel"
            onClick={() =>
              dispatch({ type: "one-to-one", pixelRatio: window.devicePixelRatio || 1 })
            }
          >
            1:1
          </button>
        </Hint>
      </div>
      {windows ? (
        <div className="tool-group">
          <Item
            icon={SunDim}
            label="The file's own window, then its next"
            hint="7"
            onClick={windows.own}
          />
          <Item icon={WandSparkles} label="Automatic window" hint="8" onClick={windows.auto} />
          <WindowMenu
            presets={windows.presets}
            current={props.preset}
            onChoose={windows.choose}
          />
        </div>
      ) : null}
      <div className="tool-group">
        <Item
          icon={Contrast}
          label="Invert greys"
          hint="V"
          pressed={props.inverted}
          onClick={() => dispatch({ type: "invert" })}
        />
        <Item icon={RotateCw} label="Turn by 90 degrees" hint="Y" onClick={act("turn")} />
        <Item
          icon={FlipVertical2}
          label="Flip left to right"
          hint="X"
          pressed={props.flipped}
          onClick={act("flip")}
        />
        <Item icon={RotateCcw} label="Reset the view" hint="R" onClick={act("reset")} />
      </div>
      <div className="tool-group">
        {tool("length", Ruler, "Length", "L")}
        {tool("angle", TriangleRight, "Angle", "E")}
        {tool("ellipse", Circle, "Measure an ellipse", "Shift E")}
        {tool("rectangle", RectangleHorizontal, "Measure a rectangle", "Shift B")}
        {tool("area", PenTool, "Measure an outline", "Shift F")}
        {tool("arrow", MoveUpLeft, "Arrow with words", "Shift L")}
        {tool("probe", Crosshair, "Probe a pixel", "Shift V")}
      </div>
      {canMark ? (
        <div className="tool-group">
          {tool("box", Square, "Mark a box", "B")}
          {tool("freehand", Lasso, "Mark by hand", "F")}
          <Item
            icon={SquareDashed}
            label="Mark a box by numbers"
            hint="Q"
            onClick={onNumbers}
          />
        </div>
      ) : null}
      <div className="tool-group">
        <Item
          icon={Undo2}
          label="Undo the last mark"
          hint="Z"
          disabled={!canUndo}
          onClick={onUndo}
        />
        <Item
          icon={ALargeSmall}
          label="Text in the corners"
          hint="Shift T"
          pressed={props.cornerText}
          onClick={props.onCornerText}
        />
        {props.onForensic ? (
          <Item
            icon={AudioWaveform}
            label="Pixel views"
            hint="Shift X"
            pressed={props.forensic}
            onClick={props.onForensic}
          />
        ) : null}
      </div>
    </div>
  );
});
