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

/** A tool that gives way to the menu where the bar is narrow. */
interface RareTool extends ItemProps {
  readonly pressed: boolean;
  /** Pressed as a rule: the menu's button does not stand for it. */
  readonly isSetting?: boolean;
}

function rareTools(props: ToolbarProps): readonly (readonly RareTool[])[] {
  const { dispatch, onTool, windows } = props;
  const act = (icon: LucideIcon, label: string, hint: string, onClick: () => void) => ({
    icon,
    label,
    hint,
    onClick,
    pressed: false,
  });
  const tool = (which: Tool, icon: LucideIcon, label: string, hint: string) => ({
    ...act(icon, label, hint, () => onTool(which)),
    pressed: props.tool === which,
  });
  const groups: RareTool[][] = [
    [
      act(ZoomOut, t`Zoom out`, "-", () => dispatch({ type: "zoom", factor: 0.8 })),
      act(ZoomIn, t`Zoom in`, "+", () => dispatch({ type: "zoom", factor: 1.25 })),
    ],
    windows
      ? [
          act(SunDim, t`The file's own window, then its next`, "7", windows.own),
          act(WandSparkles, t`Automatic window`, "8", windows.auto),
        ]
      : [],
    [
      tool("ellipse", Circle, t`Measure an ellipse`, "Shift E"),
      tool("rectangle", RectangleHorizontal, t`Measure a rectangle`, "Shift B"),
      tool("area", PenTool, t`Measure an outline`, "Shift F"),
      tool("arrow", MoveUpLeft, t`Arrow with words`, "Shift L"),
      tool("probe", Crosshair, t`Probe a pixel`, "Shift V"),
    ],
    [
      ...(props.canMark
        ? [act(SquareDashed, t`Mark a box by numbers`, "Q", props.onNumbers)]
        : []),
      {
        ...act(ALargeSmall, t`Text in the corners`, "Shift T", props.onCornerText),
        pressed: props.cornerText,
        isSetting: true,
      },
      ...(props.onForensic
        ? [
            {
              ...act(AudioWaveform, t`Pixel views`, "Shift X", props.onForensic),
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
            {group.map(({ icon: ItemIcon, label, hint, pressed, onClick }) => (
              <DropdownMenu.CheckboxItem
                key={label}
                className="menu-item"
                checked={pressed}
                onSelect={onClick}
              >
                <ItemIcon size={16} strokeWidth={1.75} aria-hidden />
                {label}
                {pressed ? <Check size={14} aria-hidden /> : null}
                <kbd aria-hidden className="menu-key">
                  {hint}
                </kbd>
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
  const rare = rareTools(props);
  return (
    <div className="toolbar" role="toolbar" aria-label={t`Film tools`}>
      <div className="tool-group">
        {tool("window", SunMedium, t`Window and level: drag`, "W")}
        {tool("pan", Hand, t`Move: drag`, "D")}
        <Item
          icon={Search}
          label={t`Magnifier`}
          hint="M"
          pressed={props.magnifier}
          onClick={() => dispatch({ type: "magnifier" })}
        />
      </div>
      <div className="tool-group">
        <Item icon={Maximize} label={t`Fit to view`} hint="0" onClick={act("fit")} />
        <Hint text={t`One film pixel per screen pixel`} shortcut="9" side="top">
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
          hint="V"
          pressed={props.inverted}
          onClick={() => dispatch({ type: "invert" })}
        />
        <Item
          icon={RotateCw}
          label={t`Turn by 90 degrees`}
          hint="Shift R"
          onClick={act("turn")}
        />
        <Item
          icon={FlipVertical2}
          label={t`Flip left to right`}
          hint="X"
          pressed={props.flipped}
          onClick={act("flip")}
        />
        <Item icon={RotateCcw} label={t`Reset the view`} hint="R" onClick={act("reset")} />
      </div>
      <div className="tool-group">
        {tool("length", Ruler, t`Length`, "L")}
        {tool("angle", TriangleRight, t`Angle`, "E")}
      </div>
      <div className="tool-group">
        {canMark ? tool("box", Square, t`Mark a box`, "B") : null}
        {canMark ? tool("freehand", Lasso, t`Mark by hand`, "F") : null}
        <Item
          icon={Undo2}
          label={t`Undo the last mark`}
          hint="Z"
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
