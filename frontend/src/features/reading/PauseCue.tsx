/**
 * Says that it is time for a pause, where the department wishes it: beside the patient's name,
 * with the reader's own figures. It interrupts nothing, and nobody else is told.
 */
import { plural, t } from "@lingui/core/macro";
import { useQuery } from "@tanstack/react-query";
import { Coffee, X } from "lucide-react";
import { useState } from "react";

import { stretchQuery } from "@/api/queries";
import type { Stretch } from "@/api/types";
import { IconButton } from "@/ui/Button";
import { formatMinutes } from "@/ui/format";

/** Who has put it away has seen it: it comes back after this. */
const HIDDEN_MS = 30 * 60_000;
let hiddenUntilMs = 0;

export function PauseCue({ slug, caseId }: { slug: string; caseId: string }) {
  const stretch = useQuery(stretchQuery(slug, caseId)).data;
  const [isHidden, setHidden] = useState(() => Date.now() < hiddenUntilMs);
  if (stretch === undefined || !stretch.is_due || isHidden) return null;
  const words = stretchWords(stretch);
  return (
    <span className="reading-pause muted">
      <Coffee size={14} aria-hidden />
      <span className="truncate" title={t`${words}. Only you see this.`}>
        {words}
      </span>
      <IconButton
        small
        label={t`Hide the reminder for half an hour`}
        onClick={() => {
          hiddenUntilMs = Date.now() + HIDDEN_MS;
          setHidden(true);
        }}
      >
        <X size={14} aria-hidden />
      </IconButton>
    </span>
  );
}

export function stretchWords({ reads, minutes }: Stretch): string {
  const time = formatMinutes(minutes);
  if (reads === 0) return t`${time} without a pause`;
  return minutes < 1
    ? t`${plural(reads, { one: "# read", other: "# reads" })} without a pause`
    : t`${plural(reads, { one: "# read", other: "# reads" })} in ${time} without a pause`;
}

/** For tests: as if the page had just been loaded. */
export function forgetHidden(): void {
  hiddenUntilMs = 0;
}
