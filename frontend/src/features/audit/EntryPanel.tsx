import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";
import { Copy, ShieldAlert, ShieldCheck, ShieldQuestion, X } from "lucide-react";
import { Link } from "react-router";

import { api } from "@/api/client";
import { keys } from "@/api/queries";
import { may, useMe } from "@/api/session";
import type { EventOut, ProofOut } from "@/api/types";
import { Button, IconButton } from "@/ui/Button";
import { formatCount, formatMoment, formatWhen, withoutStop } from "@/ui/format";
import { ErrorState, SkeletonRows } from "@/ui/states";
import { tell } from "@/ui/toast";

import { canVerify, type Verification, verifyInclusion } from "./merkle";
import { ProofTree } from "./ProofTree";
import { kindName, sentenceOf, shortId } from "./words";

interface Checked {
  proof: ProofOut;
  /** Null where the browser offers no WebCrypto. */
  result: Verification | null;
  checkedAt: string;
}

async function fetchAndVerify(position: number, signal: AbortSignal): Promise<Checked> {
  const proof = await api<ProofOut>(`/audit/events/${position}/proof`, { signal });
  const result = canVerify()
    ? await verifyInclusion({
        leaf: proof.leaf,
        position,
        treeSize: proof.tree_size,
        path: proof.path,
        rootHash: proof.root_hash,
      })
    : null;
  return { proof, result, checkedAt: new Date().toISOString() };
}

interface EntryPanelProps {
  position: number;
  /** The row of the list, if it is loaded: a linked entry may be far down. */
  event: EventOut | undefined;
  onClose: () => void;
}

export function EntryPanel({ position, event, onClose }: EntryPanelProps) {
  const checked = useQuery({
    queryKey: keys.proof(position),
    queryFn: ({ signal }) => fetchAndVerify(position, signal),
  });
  return (
    <aside className="entry" aria-label={t`Entry ${formatCount(position)}`}>
      <div className="entry-head">
        <h2>{t`Entry ${formatCount(position)}`}</h2>
        <IconButton label={t`Close the entry`} small onClick={onClose}>
          <X size={16} aria-hidden />
        </IconButton>
      </div>
      {event === undefined ? null : <EntryFacts event={event} />}
      {checked.isPending ? (
        <SkeletonRows label={t`Checking the proof`} count={6} />
      ) : checked.data === undefined ? (
        <ErrorState
          title={t`The proof could not be loaded`}
          error={checked.error}
          onRetry={() => void checked.refetch()}
        />
      ) : (
        <Proof
          checked={checked.data}
          listedHash={event?.leaf_hash}
          onAgain={() => void checked.refetch()}
        />
      )}
    </aside>
  );
}

function EntryFacts({ event }: { event: EventOut }) {
  const mayOpenCases = may(useMe(), "read_cases");
  return (
    <dl className="facts">
      <dt>{t`What`}</dt>
      <dd>
        {kindName(event)}: {withoutStop(sentenceOf(event))}.
      </dd>
      <dt>{t`When`}</dt>
      <dd>{formatMoment(event.occurred_at)}</dd>
      <dt>{t`Who`}</dt>
      <dd>{event.actor?.display_name ?? t`Truefilm itself`}</dd>
      {event.text === "" ? null : (
        <>
          <dt>{t`Facts`}</dt>
          <dd>
            <code className="entry-wrap">{event.text}</code>
          </dd>
        </>
      )}
      {event.subject === "" ? null : (
        <>
          <dt>{t`To what`}</dt>
          <dd>
            <code className="entry-wrap">{event.subject}</code>
          </dd>
        </>
      )}
      {event.case_id === null ? null : (
        <>
          <dt>{t`Case`}</dt>
          <dd>
            {mayOpenCases ? (
              <Link
                to={`/cases/${event.case_id}`}
              >{t`Open case ${shortId(event.case_id)}`}</Link>
            ) : (
              <code className="entry-wrap">{event.case_id}</code>
            )}
          </dd>
        </>
      )}
    </dl>
  );
}

interface ProofProps {
  checked: Checked;
  listedHash: string | undefined;
  onAgain: () => void;
}

function Proof({ checked, listedHash, onAgain }: ProofProps) {
  const { proof, result, checkedAt } = checked;
  return (
    <>
      <Verdict
        result={result}
        listedHash={listedHash}
        checkedAt={checkedAt}
        treeSize={proof.tree_size}
        onAgain={onAgain}
      />
      <section className="entry-section">
        <div className="entry-row">
          <h3>{t`What was hashed`}</h3>
          <Button
            small
            variant="ghost"
            onClick={() => {
              void navigator.clipboard.writeText(proof.leaf);
              tell(t`Copied the entry exactly as it was hashed.`);
            }}
          >
            <Copy size={13} aria-hidden />
            {t`Copy`}
          </Button>
        </div>
        <pre className="leaf" tabIndex={0}>
          {prettyJson(proof.leaf)}
        </pre>
        <p className="muted small">
          <Trans>
            Its hash: <code className="entry-wrap">{proof.leaf_hash}</code>
          </Trans>
        </p>
      </section>
      {result === null ? null : (
        <section className="entry-section">
          <h3>{t`Its place in the log`}</h3>
          <ProofTree leafHash={result.leafHash} steps={result.steps} />
          <details>
            <summary>{t`The same as a table`}</summary>
            <ProofTable result={result} />
          </details>
        </section>
      )}
    </>
  );
}

interface VerdictProps {
  result: Verification | null;
  listedHash: string | undefined;
  checkedAt: string;
  treeSize: number;
  onAgain: () => void;
}

function Verdict({ result, listedHash, checkedAt, treeSize, onAgain }: VerdictProps) {
  if (result === null) {
    return (
      <p className="verdict tone-grey" role="status">
        <ShieldQuestion size={18} aria-hidden />
        {t`Not verified: browsers allow hashing only over https or on this machine.`}
      </p>
    );
  }
  const differs = listedHash !== undefined && listedHash !== result.leafHash;
  const problem = differs
    ? t`The list shows another hash than this entry has.`
    : (result.problem ?? null);
  if (problem !== null) {
    return (
      <p className="verdict tone-red" role="alert">
        <ShieldAlert size={18} aria-hidden />
        <span>
          {t`Not genuine. ${problem}`}
          <Button small onClick={onAgain}>
            {t`Check again`}
          </Button>
        </span>
      </p>
    );
  }
  return (
    <p className="verdict tone-green" role="status">
      <ShieldCheck size={18} aria-hidden />
      <span>
        {t`Verified in your browser at ${formatWhen(checkedAt)}: this entry is in the log of ${formatCount(treeSize)} entries, unaltered.`}
      </span>
    </p>
  );
}

function ProofTable({ result }: { result: Verification }) {
  return (
    <table className="data-table proof-table">
      <thead>
        <tr>
          <th scope="col">{t`Level`}</th>
          <th scope="col">{t`Joined with`}</th>
          <th scope="col">{t`Side`}</th>
          <th scope="col">{t`Gives`}</th>
        </tr>
      </thead>
      <tbody>
        {result.steps.map((step, index) => (
          <tr key={step.parent}>
            <td>{index + 1}</td>
            <td>
              <code>{step.sibling}</code>
            </td>
            <td>{step.siblingSide}</td>
            <td>
              <code>{step.parent}</code>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function prettyJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return text;
  }
}
