/** Who else is on the case and what became of one's claim, beside the patient's name. */
import { t } from "@lingui/core/macro";
import { Eye, UserRound } from "lucide-react";

import { Button } from "@/ui/Button";

import type { Company } from "./usePresence";
import { claimWords, peopleNames } from "./words";

export function CompanyNote({ company }: { company: Company }) {
  const { people, notice, problem, onClaim } = company;
  const claim = claimWords(notice);
  return (
    <>
      {/* There from the start, so that what appears in it is read out. */}
      <span className="reading-company" role="status">
        {people.length === 0 ? null : (
          <span
            className="badge tone-amber"
            title={people.map((person) => person.display_name).join(", ")}
          >
            <Eye size={14} aria-hidden />
            <span className="truncate">
              {peopleNames(people)}
              <span className="reading-company-rest">
                {people.length === 1 ? t` has this case open` : t` have this case open`}
              </span>
            </span>
          </span>
        )}
        {claim === "" ? null : (
          <span className="badge tone-amber reading-claim" title={problem ?? claim}>
            <UserRound size={14} aria-hidden />
            <span className="truncate">{problem ?? claim}</span>
          </span>
        )}
      </span>
      {notice.kind === "free" ? (
        <Button small onClick={onClaim}>
          {notice.wasMine ? t`Claim again` : t`Claim`}
        </Button>
      ) : null}
    </>
  );
}
