import type { StateLook } from "./words";

/** A state as sign and word. */
export function State({ look }: { look: StateLook }) {
  return (
    <span className={`badge device-state tone-${look.tone}`}>
      <look.icon size={15} aria-hidden />
      {look.label}
    </span>
  );
}
