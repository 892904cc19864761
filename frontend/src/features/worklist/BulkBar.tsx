import { plural, t } from "@lingui/core/macro";
import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";

import { peopleQuery } from "@/api/queries";
import { may, useMe } from "@/api/session";
import { Button, IconButton } from "@/ui/Button";

import type { CaseList } from "./caseList";
import { useBulk } from "./useBulk";
import type { Chosen } from "./useChosen";

interface BulkBarProps {
  slug: string;
  list: CaseList;
  chosen: Chosen;
}

const CLASSES = { routine: t`routine`, urgent: t`urgent`, stat: t`stat` };
const CLASS_CODES = ["routine", "urgent", "stat"] as const;

/** What can be done with the chosen rows; giving to others and classes are a lead's. */
export function BulkBar({ slug, list, chosen }: BulkBarProps) {
  const me = useMe();
  const isLead = may(me, "assign_cases");
  const people = useQuery({ ...peopleQuery(slug), enabled: isLead }).data ?? [];
  const bulk = useBulk(slug, list);
  const ids = [...chosen.ids];
  const run = (change: Parameters<typeof bulk.mutate>[0]["change"]) =>
    bulk.mutate(
      { change, ids },
      { onSuccess: ({ failure }) => (failure === null ? chosen.clear() : undefined) },
    );
  return (
    <div className="bulk-bar" role="toolbar" aria-label={t`Change the chosen cases`}>
      <strong>{plural(ids.length, { one: "# case chosen", other: "# cases chosen" })}</strong>
      <Button
        small
        disabled={bulk.isPending}
        onClick={() =>
          run({ action: "assign", personId: me.id, done: (cases) => t`${cases} now with you.` })
        }
      >
        {t`Take`}
      </Button>
      <Button
        small
        disabled={bulk.isPending}
        onClick={() => run({ action: "release", done: (cases) => t`${cases} given back.` })}
      >
        {t`Give back`}
      </Button>
      {isLead ? (
        <>
          <label>
            <span className="visually-hidden">{t`Give to`}</span>
            <select
              className="input"
              value=""
              disabled={bulk.isPending}
              onChange={({ target }) => {
                const person = people.find(({ id }) => id === target.value);
                if (person === undefined) return;
                const name = person.display_name;
                run({
                  action: "assign",
                  personId: person.id,
                  done: (cases) => t`${cases} now with ${name}.`,
                });
              }}
            >
              <option value="">{t`Give to…`}</option>
              {people.map(({ id, display_name }) => (
                <option key={id} value={id}>
                  {display_name}
                </option>
              ))}
            </select>
          </label>
          <label>
            <span className="visually-hidden">{t`Priority class`}</span>
            <select
              className="input"
              value=""
              disabled={bulk.isPending}
              onChange={({ target }) => {
                const priority = CLASS_CODES.find((each) => each === target.value);
                if (priority === undefined) return;
                const name = CLASSES[priority];
                run({
                  action: "prioritise",
                  priority,
                  done: (cases) => t`${cases} now ${name}.`,
                });
              }}
            >
              <option value="">{t`Class…`}</option>
              {CLASS_CODES.map((each) => (
                <option key={each} value={each}>
                  {CLASSES[each]}
                </option>
              ))}
            </select>
          </label>
        </>
      ) : null}
      <IconButton label={t`Choose none`} shortcut="Esc" small onClick={chosen.clear}>
        <X size={14} aria-hidden />
      </IconButton>
    </div>
  );
}
