import { Tooltip } from "radix-ui";
import type { ComponentProps, ReactNode } from "react";

type Variant = "default" | "primary" | "ghost" | "danger";

interface Looks {
  variant?: Variant;
  small?: boolean;
}

export function buttonClass({ variant = "default", small = false }: Looks = {}): string {
  return [
    "button",
    variant === "default" ? "" : `button-${variant}`,
    small ? "button-small" : "",
  ]
    .filter(Boolean)
    .join(" ");
}

export function Button({
  variant = "default",
  small = false,
  className = "",
  type = "button",
  ...rest
}: ComponentProps<"button"> & Looks) {
  return (
    <button
      type={type}
      className={`${buttonClass({ variant, small })} ${className}`.trim()}
      {...rest}
    />
  );
}

interface IconButtonProps extends Omit<ComponentProps<"button">, "aria-label">, Looks {
  label: string;
  /** The key that does the same, shown in the tooltip. */
  shortcut?: string;
  children: ReactNode;
}

/** A button that shows only an icon; its name is read out and shown on hover and focus. */
export function IconButton({ label, shortcut, small = false, ...rest }: IconButtonProps) {
  return (
    <Hint text={label} {...(shortcut === undefined ? {} : { shortcut })}>
      <Button
        variant="ghost"
        small={small}
        aria-label={label}
        {...rest}
        className={`button-icon ${rest.className ?? ""}`.trim()}
      />
    </Hint>
  );
}

interface HintProps {
  text: string;
  shortcut?: string;
  side?: "top" | "right" | "bottom" | "left";
  children: ReactNode;
}

/** A tooltip for what is already named; never the only place of a fact. */
export function Hint({ text, shortcut, side = "bottom", children }: HintProps) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger asChild>{children}</Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content className="tooltip" side={side} sideOffset={6} collisionPadding={8}>
          {text}
          {shortcut === undefined ? null : <kbd>{shortcut}</kbd>}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}

export const HintProvider = Tooltip.Provider;
