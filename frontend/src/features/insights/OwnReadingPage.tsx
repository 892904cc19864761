import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { ownReadingQuery } from "@/api/queries";
import type { OwnReading } from "@/api/types";
import { formatCount, plural } from "@/ui/format";
import { EmptyState, ErrorState, SkeletonRows } from "@/ui/states";

import { OwnCanaries } from "./OwnCanaries";
import { Share } from "./Share";
import { Tile } from "./Tiles";
import "./insights.css";

/** What the signed-in reader did; the server has no such page of anybody else. */
export function OwnReadingPage() {
  const own = useQuery(ownReadingQuery);
  return (
    <div className="page page-scroll">
      <title>My reading · Truefilm</title>
      <div className="page-head">
        <h1>My reading</h1>
        <p className="page-lead">
          Your own figures. Nobody else can open this page, your lead neither.
        </p>
      </div>
      <div className="page-body insights-body">
        {own.isPending ? (
          <SkeletonRows label="Loading your figures" count={6} />
        ) : own.data === undefined ? (
          <ErrorState
            title="Your figures could not be loaded"
            error={own.error}
            onRetry={() => void own.refetch()}
          />
        ) : own.data.reads === 0 ? (
          <EmptyState title="You have sealed no answer yet">
            <p>
              Read a case and your figures begin here. <Link to="/worklists">Worklist</Link>
            </p>
          </EmptyState>
        ) : (
          <Figures own={own.data} />
        )}
      </div>
    </div>
  );
}

function Figures({ own }: { own: OwnReading }) {
  const truth = own.against_truth;
  return (
    <>
      <div className="tiles">
        <Tile label="Answers sealed" value={formatCount(own.reads)}>
          {`${formatCount(own.blind_reads)} of them blind; ${plural(own.verdicts, "verdict")} filed.`}
        </Tile>
        <Tile label="From look to seal" value={formatSeconds(own.seconds_to_seal)}>
          Median of your newest 200 reads.
        </Tile>
        <Tile label="From seal to verdict" value={formatSeconds(own.seconds_to_verdict)}>
          Median of your newest 200 reads.
        </Tile>
      </div>
      <section className="own-truth" aria-label="Against the truth">
        <h2>Where an adjudicator settled the case</h2>
        {truth.first_right.n === 0 ? (
          <p>
            None of your blind reads has been settled by an adjudicator yet. Shares appear with
            the first.
          </p>
        ) : (
          <>
            <p>Readers differed on these cases, so they are harder than most.</p>
            <div className="tiles">
              <Share label="First answer right" share={truth.first_right} of="settled read" />
              <Share label="Verdict right" share={truth.final_right} of="settled read" />
              <Share
                label="Right, then wrong"
                share={truth.right_to_wrong}
                of="right first answer"
              />
              <Share
                label="Wrong, then right"
                share={truth.wrong_to_right}
                of="wrong first answer"
              />
            </div>
          </>
        )}
      </section>
      <OwnCanaries canaries={own.canaries} />
    </>
  );
}

function formatSeconds(seconds: number | null): string {
  if (seconds === null) return "none yet";
  const whole = Math.round(seconds);
  if (whole < 100) return `${whole} s`;
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
