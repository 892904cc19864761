/** How a case ended, and what may still be done with it: amend one's verdict, re-open. */
import { t } from "@lingui/core/macro";
import { PencilLine, RotateCcw } from "lucide-react";
import { useState } from "react";

import { may, useMe } from "@/api/session";
import type { CaseDetail } from "@/api/types";
import { Button } from "@/ui/Button";

import { Authorizations } from "./Authorizations";
import { ReasonDialog } from "./ReasonDialog";
import { useReopen } from "./useRulings";
import { CLOSED_WORDS, outcomeLabel } from "./words";
import { errorWords } from "./YourRead";

interface CaseEndProps {
  readonly detail: CaseDetail;
  /** Null while amending, or before the caller has filed. */
  readonly onAmend: (() => void) | null;
}

function stateWords({ state, closed, verdict }: CaseDetail): string | null {
  if (verdict === null) return null;
  if (state === "second_read") return t`Another reader reads this case, blind to your answer.`;
  if (state === "adjudication") return t`The readers differ. An adjudicator settles this case.`;
  if (closed === null) return null;
  return t`Closed: ${outcomeLabel(closed.outcome).toLowerCase()}, ${CLOSED_WORDS[closed.how]}.`;
}

export function CaseEnd({ detail, onAmend }: CaseEndProps) {
  const me = useMe();
  const [asking, setAsking] = useState(false);
  const reopen = useReopen(detail.id);
  const words = stateWords(detail);
  const mayReopen = may(me, "adjudicate") && detail.state === "done";
  if (words === null && !mayReopen) return null;
  return (
    <section className="step case-end" aria-label={t`The case`}>
      {words === null ? null : <p>{words}</p>}
      {onAmend === null && !mayReopen ? null : (
        <div className="case-end-actions">
          {onAmend === null ? null : (
            <Button small onClick={onAmend}>
              <PencilLine size={14} aria-hidden />
              {t`Amend your verdict`}
            </Button>
          )}
          {mayReopen ? (
            <Button small onClick={() => setAsking(true)}>
              <RotateCcw size={14} aria-hidden />
              {t`Re-open the case`}
            </Button>
          ) : null}
        </div>
      )}
      {detail.closed === null ? null : <Authorizations detail={detail} />}
      {asking ? (
        <ReasonDialog
          title={t`Re-open this case`}
          text={t`One more reader will read it, blind to all answers so far. Nothing that was filed is changed; your reason goes on the record.`}
          action={t`Re-open`}
          busy={reopen.isPending}
          error={errorWords(reopen.error)}
          onSubmit={(reason) => reopen.mutate(reason, { onSuccess: () => setAsking(false) })}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </section>
  );
}
