import { t } from "@lingui/core/macro";
import {
  ALargeSmall,
  AudioWaveform,
  Check,
  ChevronUp,
  Circle,
  Contrast,
  Crosshair,
  Ellipsis,
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
import { DropdownMenu } from "radix-ui";
import { memo, useRef, type Dispatch } from "react";

import { Hint } from "@/ui/Button";
import type { KeyId } from "@/ui/keys";
import { Kbd, useAriaKey } from "@/ui/shortcuts";

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
  readonly keyId: KeyId;
  readonly pressed?: boolean;
  readonly disabled?: boolean;
  readonly onClick: () => void;
}

function Item({ icon: Icon, label, keyId, pressed, disabled = false, onClick }: ItemProps) {
  const ariaKey = useAriaKey(keyId);
  return (
    <Hint text={label} keyId={keyId} side="top">
      <button
        type="button"
        className="tool"
        aria-label={label}
        aria-keyshortcuts={ariaKey}
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

/** A tool that gives way to the menu where the bar is narrow. */
interface RareTool extends ItemProps {
  readonly pressed: boolean;
  /** Pressed as a rule: the menu's button does not stand for it. */
  readonly isSetting?: boolean;
}

function rareTools(props: ToolbarProps): readonly (readonly RareTool[])[] {
  const { dispatch, onTool, windows } = props;
  const act = (icon: LucideIcon, label: string, keyId: KeyId, onClick: () => void) => ({
    icon,
    label,
    keyId,
    onClick,
    pressed: false,
  });
  const tool = (which: Tool, icon: LucideIcon, label: string, keyId: KeyId) => ({
    ...act(icon, label, keyId, () => onTool(which)),
    pressed: props.tool === which,
  });
  const groups: RareTool[][] = [
    [
      act(ZoomOut, t`Zoom out`, "film.zoom_out", () => dispatch({ type: "zoom", factor: 0.8 })),
      act(ZoomIn, t`Zoom in`, "film.zoom_in", () => dispatch({ type: "zoom", factor: 1.25 })),
    ],
    windows
      ? [
          act(SunDim, t`The file's own window, then its next`, "film.own_window", windows.own),
          act(WandSparkles, t`Automatic window`, "film.auto_window", windows.auto),
        ]
      : [],
    [
      tool("ellipse", Circle, t`Measure an ellipse`, "film.ellipse"),
      tool("rectangle", RectangleHorizontal, t`Measure a rectangle`, "film.rectangle"),
      tool("area", PenTool, t`Measure an outline`, "film.area"),
      tool("arrow", MoveUpLeft, t`Arrow with words`, "film.arrow"),
      tool("probe", Crosshair, t`Probe a pixel`, "film.probe"),
    ],
    [
      ...(props.canMark
        ? [act(SquareDashed, t`Mark a box by numbers`, "film.box_numbers", props.onNumbers)]
        : []),
      {
        ...act(ALargeSmall, t`Text in the corners`, "film.corner_text", props.onCornerText),
        pressed: props.cornerText,
        isSetting: true,
      },
      ...(props.onForensic
        ? [
            {
              ...act(AudioWaveform, t`Pixel views`, "film.pixel_views", props.onForensic),
              pressed: props.forensic,
            },
          ]
        : []),
    ],
  ];
  return groups.filter((group) => group.length > 0);
}

/** The rare tools once more, by name; shown only where they do not fit beside the others. */
function MoreTools({ groups }: { groups: readonly (readonly RareTool[])[] }) {
  const inUse = groups.flat().find((item) => item.pressed && item.isSetting !== true);
  const Icon = inUse?.icon ?? Ellipsis;
  // After a click the keys belong to the film and the read again: Enter must not reopen this.
  const byPointer = useRef(false);
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger
        className="tool tool-more"
        aria-label={inUse ? t`More tools, in use: ${inUse.label}` : t`More tools`}
        title={t`More tools`}
        onPointerDown={() => (byPointer.current = true)}
        onKeyDown={() => (byPointer.current = false)}
        data-used={inUse ? "" : undefined}
      >
        <Icon size={17} strokeWidth={1.75} aria-hidden />
        <ChevronUp size={11} aria-hidden />
      </DropdownMenu.Trigger>
      <DropdownMenu.Content
        className="menu"
        side="top"
        align="end"
        sideOffset={6}
        onCloseAutoFocus={(event) => {
          if (byPointer.current) event.preventDefault();
        }}
      >
        {groups.map((group, i) => (
          <DropdownMenu.Group key={group[0]?.label}>
            {i > 0 ? <DropdownMenu.Separator className="menu-line" /> : null}
            {group.map(({ icon: ItemIcon, label, keyId, pressed, onClick }) => (
              <DropdownMenu.CheckboxItem
                key={label}
                className="menu-item"
                checked={pressed}
                onSelect={onClick}
              >
                <ItemIcon size={16} strokeWidth={1.75} aria-hidden />
                {label}
                {pressed ? <Check size={14} aria-hidden /> : null}
                <Kbd id={keyId} className="menu-key" />
              </DropdownMenu.CheckboxItem>
            ))}
          </DropdownMenu.Group>
        ))}
      </DropdownMenu.Content>
    </DropdownMenu.Root>
  );
}

/** Takes plain values, not the whole state: a drag must not draw two dozen buttons anew. */
export const Toolbar = memo(function Toolbar(props: ToolbarProps) {
  const { dispatch, onTool, canMark, onUndo, canUndo, windows } = props;
  const tool = (which: Tool, icon: LucideIcon, label: string, keyId: KeyId) => (
    <Item
      icon={icon}
      label={label}
      keyId={keyId}
      pressed={props.tool === which}
      onClick={() => onTool(which)}
    />
  );
  const act = (type: "fit" | "turn" | "flip" | "reset") => () => dispatch({ type });
  const rare = rareTools(props);
  return (
    <div className="toolbar" role="toolbar" aria-label={t`Film tools`}>
      <div className="tool-group">
        {tool("window", SunMedium, t`Window and level: drag`, "film.window")}
        {tool("pan", Hand, t`Move: drag`, "film.pan")}
        <Item
          icon={Search}
          label={t`Magnifier`}
          keyId="film.magnifier"
          pressed={props.magnifier}
          onClick={() => dispatch({ type: "magnifier" })}
        />
      </div>
      <div className="tool-group">
        <Item icon={Maximize} label={t`Fit to view`} keyId="film.fit" onClick={act("fit")} />
        <Hint text={t`One film pixel per screen pixel`} keyId="film.one_to_one" side="top">
          <button
            type="button"
            className="tool tool-text"
            aria-label={t`1:1, one film pixel per screen pixel`}
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
          label={t`Invert greys`}
          keyId="film.invert"
          pressed={props.inverted}
          onClick={() => dispatch({ type: "invert" })}
        />
        <Item
          icon={RotateCw}
          label={t`Turn by 90 degrees`}
          keyId="film.turn"
          onClick={act("turn")}
        />
        <Item
          icon={FlipVertical2}
          label={t`Flip left to right`}
          keyId="film.flip"
          pressed={props.flipped}
          onClick={act("flip")}
        />
        <Item
          icon={RotateCcw}
          label={t`Reset the view`}
          keyId="film.reset"
          onClick={act("reset")}
        />
      </div>
      <div className="tool-group">
        {tool("length", Ruler, t`Length`, "film.length")}
        {tool("angle", TriangleRight, t`Angle`, "film.angle")}
      </div>
      <div className="tool-group">
        {canMark ? tool("box", Square, t`Mark a box`, "film.box") : null}
        {canMark ? tool("freehand", Lasso, t`Mark by hand`, "film.freehand") : null}
        <Item
          icon={Undo2}
          label={t`Undo the last mark`}
          keyId="film.undo"
          disabled={!canUndo}
          onClick={onUndo}
        />
      </div>
      {rare.map((group) => (
        <div className="tool-group tool-rare" key={group[0]?.label}>
          {group.map(({ isSetting: _, ...item }) => (
            <Item key={item.label} {...item} />
          ))}
        </div>
      ))}
      <div className="tool-group tool-menu">
        <MoreTools groups={rare} />
      </div>
    </div>
  );
});
