/** /cases/:id */
import { t } from "@lingui/core/macro";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useParams } from "react-router";

import { CaseError } from "@/answering/CaseError";
import { caseQuery } from "@/api/queries";
import { SkeletonRows } from "@/ui/states";

import { Reading } from "./Reading";
import "@/answering/answering.css";
import "./reading.css";

/** The socket tells of progress; this is for when it is down. */
const ANALYSING_POLL_MS = 10_000;

export default function ReadingPage() {
  const { id = "" } = useParams();
  const query = useQuery({
    ...caseQuery(id),
    refetchInterval: ({ state }) =>
      state.data?.state === "analysing" ? ANALYSING_POLL_MS : false,
  });
  useEffect(() => {
    document.title = t`Reading · Truefilm`;
  }, []);
  if (query.data) return <Reading key={query.data.id} detail={query.data} />;
  if (query.error) {
    return <CaseError error={query.error} onRetry={() => void query.refetch()} />;
  }
  return <SkeletonRows label={t`Opening the case`} count={10} />;
}
