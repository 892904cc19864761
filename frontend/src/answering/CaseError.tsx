import { t } from "@lingui/core/macro";
import { FileQuestion } from "lucide-react";
import { Link } from "react-router";

import { ApiError } from "@/api/client";
import { buttonClass } from "@/ui/Button";
import { EmptyState, ErrorState } from "@/ui/states";

const NOT_FOUND = 404;

/** In place of a case that could not be opened. Asking again only helps where there is one. */
export function CaseError({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  if (error instanceof ApiError && error.status === NOT_FOUND) {
    return (
      <EmptyState title={t`There is no such case`} icon={FileQuestion} isPage>
        <p>{t`The link may be old, or the case is not open to you.`}</p>
        <Link to="/worklists" className={buttonClass()}>
          {t`Go to your first worklist`}
        </Link>
      </EmptyState>
    );
  }
  return (
    <ErrorState title={t`This case could not be opened`} error={error} onRetry={onRetry} />
  );
}
