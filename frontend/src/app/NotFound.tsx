import { t } from "@lingui/core/macro";
import { FileQuestion } from "lucide-react";
import { Link } from "react-router";

import { buttonClass } from "@/ui/Button";
import { EmptyState } from "@/ui/states";

export function NotFound() {
  return (
    <>
      <title>{t`Not found · Truefilm`}</title>
      <EmptyState title={t`There is nothing at this address`} icon={FileQuestion} isPage>
        <p>{t`The link may be old, or the page may not be open to your account.`}</p>
        <Link to="/" className={buttonClass()}>
          {t`Go to the start page`}
        </Link>
      </EmptyState>
    </>
  );
}
