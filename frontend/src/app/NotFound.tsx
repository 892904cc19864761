import { FileQuestion } from "lucide-react";
import { Link } from "react-router";

import { buttonClass } from "@/ui/Button";
import { EmptyState } from "@/ui/states";

export function NotFound() {
  return (
    <>
      <title>Not found · Truefilm</title>
      <EmptyState title="There is nothing at this address" icon={FileQuestion} isPage>
        <p>The link may be old, or the page may not be open to your account.</p>
        <Link to="/" className={buttonClass()}>
          Go to the start page
        </Link>
      </EmptyState>
    </>
  );
}
