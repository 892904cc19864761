import { t } from "@lingui/core/macro";
import { Check, ChevronUp } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { useRef } from "react";

import type { Preset } from "./presets";

interface WindowMenuProps {
  readonly presets: readonly Preset[];
  readonly current: Preset | null;
  readonly onChoose: (preset: Preset) => void;
}

/** Windows by name. Not modal: the modal kind writes a <style> element, which the CSP forbids. */
export function WindowMenu({ presets, current, onChoose }: WindowMenuProps) {
  const triggerRef = useRef<HTMLButtonElement>(null);
  const isClicked = useRef(false);
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger
        ref={triggerRef}
        onPointerDown={() => {
          isClicked.current = true;
        }}
        onKeyDown={() => {
          isClicked.current = false;
        }}
        className="tool tool-text window-menu"
        aria-label={current === null ? t`Window: own` : t`Window: ${current.label}`}
        title={t`Windows by name (6: next)`}
      >
        <span className="truncate">{current?.label ?? t`Window`}</span>
        <ChevronUp size={13} aria-hidden />
      </DropdownMenu.Trigger>
      <DropdownMenu.Content
        className="menu"
        side="top"
        align="start"
        sideOffset={6}
        onCloseAutoFocus={(event) => {
          // After a click Enter should seal, not open the menu again.
          if (!isClicked.current) return;
          event.preventDefault();
          triggerRef.current?.blur();
        }}
      >
        <DropdownMenu.RadioGroup value={current?.id ?? ""}>
          {presets.map((preset) => (
            <DropdownMenu.RadioItem
              key={preset.id}
              value={preset.id}
              className="menu-item"
              onSelect={() => onChoose(preset)}
            >
              {preset.label}
              <span className="muted numeric">
                {Math.round(preset.window.width)}/{Math.round(preset.window.center)}
              </span>
              {preset === current ? (
                <Check size={15} className="menu-check" aria-hidden />
              ) : null}
            </DropdownMenu.RadioItem>
          ))}
        </DropdownMenu.RadioGroup>
      </DropdownMenu.Content>
    </DropdownMenu.Root>
  );
}
