import { t } from "@lingui/core/macro";
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { api } from "@/api/client";
import { changeCase } from "@/api/live";
import { keys } from "@/api/queries";
import { useMe } from "@/api/session";
import type { CaseRow } from "@/api/types";
import { formatPatientName, formatWhen } from "@/ui/format";
import { tell } from "@/ui/toast";

/** Claims a case for the reader, or gives it back if it is theirs. */
export function useClaim(slug: string) {
  const me = useMe();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (row: CaseRow) =>
      api<CaseRow>(`/cases/${row.id}/claim`, {
        method: row.claimed_by?.id === me.id ? "DELETE" : "POST",
      }),
    onSuccess: (row) => {
      changeCase(client, slug, row.id, row);
      const who = formatPatientName(row.patient.name);
      if (row.claimed_by === null) tell(t`Gave back ${who}.`);
      else if (row.claim_expires_at === null) tell(t`Claimed ${who}.`);
      else tell(t`Claimed ${who} until ${formatWhen(row.claim_expires_at)}.`);
    },
    onError: (error, row) => {
      tell(`${formatPatientName(row.patient.name)}: ${error.message}`, "problem");
      void client.invalidateQueries({ queryKey: keys.case(row.id) });
      void client.invalidateQueries({ queryKey: ["cases", slug] });
    },
  });
}
