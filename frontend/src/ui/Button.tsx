import { Tooltip } from "radix-ui";
import type { ComponentProps, ReactNode } from "react";

import type { KeyId } from "./keys";
import { Kbd } from "./shortcuts";

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
  /** The shortcut that does the same: its key is shown in the tooltip. */
  keyId?: KeyId;
  children: ReactNode;
}

/** A button that shows only an icon; its name is read out and shown on hover and focus. */
export function IconButton({ label, keyId, small = false, ...rest }: IconButtonProps) {
  return (
    <Hint text={label} {...(keyId === undefined ? {} : { keyId })}>
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
  keyId?: KeyId;
  side?: "top" | "right" | "bottom" | "left";
  children: ReactNode;
}

/** A tooltip for what is already named; never the only place of a fact. */
export function Hint({ text, keyId, side = "bottom", children }: HintProps) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger asChild>{children}</Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content className="tooltip" side={side} sideOffset={6} collisionPadding={8}>
          {text}
          {keyId === undefined ? null : <Kbd id={keyId} />}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}

export const HintProvider = Tooltip.Provider;
