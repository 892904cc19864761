/** Films signed for the caller's verdict: to have signed, and to take along. */
import { plural, t } from "@lingui/core/macro";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Download, FileSignature } from "lucide-react";

import { api, apiUrl } from "@/api/client";
import { authorizationsQuery, keys } from "@/api/queries";
import type { Authorization, CaseDetail } from "@/api/types";
import { Button, buttonClass } from "@/ui/Button";
import { tell } from "@/ui/toast";

import { imageNames } from "./names";
import { sayDone } from "./words";
import { errorWords } from "./YourRead";

export function Authorizations({ detail }: { detail: CaseDetail }) {
  const client = useQueryClient();
  const known = useQuery(authorizationsQuery(detail.id));
  const sign = useMutation({
    mutationFn: async (ids: readonly string[]) => {
      let last: Authorization | null = null;
      // One after the other: each is an entry of the log.
      for (const id of ids) {
        last = await api<Authorization>(`/cases/${detail.id}/films/${id}/authorization`, {
          method: "POST",
        });
      }
      return last;
    },
    onSuccess: (last) => {
      if (last !== null) tell(sayDone(t`Signed`, last.signed_at, last.log_position));
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.authorizations(detail.id) }),
  });
  if (known.data === undefined) return null;
  const { signable, signed } = known.data;
  if (signable.length === 0 && signed.length === 0) return null;
  const names = imageNames(detail);
  const wrong = errorWords(sign.error);
  return (
    <div className="signed-films">
      {signable.length === 0 ? null : (
        <>
          <p className="muted">
            {t`Signed copies prove to anyone, with the key of this site, that the film is the one you held to be authentic.`}
          </p>
          <Button small disabled={sign.isPending} onClick={() => sign.mutate(signable)}>
            <FileSignature size={14} aria-hidden />
            {sign.isPending
              ? t`Signing…`
              : plural(signable.length, {
                  one: "Sign the film as authentic",
                  other: "Sign # films as authentic",
                })}
          </Button>
        </>
      )}
      {wrong === null ? null : <p role="alert">{wrong}</p>}
      {signed.map((film) => {
        const name = names.get(film.image_id) ?? t`Film`;
        return (
          <a
            key={film.id}
            className={buttonClass({ small: true })}
            href={apiUrl(`/cases/${detail.id}/authorizations/${film.id}/file`)}
            download
          >
            <Download size={14} aria-hidden />
            {t`Signed copy: ${name}`}
          </a>
        );
      })}
    </div>
  );
}
