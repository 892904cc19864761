/** Who else is on the case and what became of one's claim, beside the patient's name. */
import { Eye, UserRound } from "lucide-react";

import { Button } from "@/ui/Button";

import type { Company } from "./usePresence";
import { claimWords, peopleWords } from "./words";

export function CompanyNote({ company }: { company: Company }) {
  const { people, notice, problem, onClaim } = company;
  const here = peopleWords(people);
  const claim = [claimWords(notice), problem].filter(Boolean).join(". ");
  return (
    <>
      {/* There from the start, so that what appears in it is read out. */}
      <span className="reading-company" role="status">
        {here === "" ? null : (
          <span className="badge tone-amber" title={people.map(nameOf).join(", ")}>
            <Eye size={14} aria-hidden />
            <span className="truncate">{here}</span>
          </span>
        )}
        {claim === "" ? null : (
          <span className="badge tone-amber" title={claim}>
            <UserRound size={14} aria-hidden />
            <span className="truncate">{claim}</span>
          </span>
        )}
      </span>
      {notice.kind === "free" ? (
        <Button small onClick={onClaim}>
          {notice.wasMine ? "Claim again" : "Claim"}
        </Button>
      ) : null}
    </>
  );
}

function nameOf({ display_name }: { display_name: string }): string {
  return display_name;
}
