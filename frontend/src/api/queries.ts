/** Query keys and option objects, one per call of docs/api.md, shared by all screens. */
import { QueryCache, QueryClient, queryOptions } from "@tanstack/react-query";

import { api, ApiError, mayRetry } from "./client";
import { inReadersWords } from "./reasonWords";
import type * as t from "./types";

export const keys = {
  me: ["me"] as const,
  worklists: ["worklists"] as const,
  views: (slug: string) => ["views", slug] as const,
  queues: (slug: string) => ["worklists", slug, "queues"] as const,
  allCases: ["cases"] as const,
  cases: (slug: string, filters: object) => ["cases", slug, filters] as const,
  case: (id: string) => ["case", id] as const,
  evidence: (id: string) => ["case", id, "evidence"] as const,
  adjudication: (id: string) => ["case", id, "adjudication"] as const,
  authorizations: (id: string) => ["case", id, "authorizations"] as const,
  /** Below the case: news of its holder makes it stale as well. */
  presence: (id: string, tab = "") =>
    tab === "" ? (["case", id, "presence"] as const) : (["case", id, "presence", tab] as const),
  allQuestions: ["questions"] as const,
  questions: (caseId: string) => ["questions", caseId] as const,
  /** Those that wait for this person's reply, on all cases. */
  asked: ["questions", "asked"] as const,
  notifications: ["notifications"] as const,
  heatmap: (id: string, imageId: string, lane: string) =>
    ["case", id, "evidence", imageId, lane] as const,
  /** Below the case: what happens to it makes it stale as well. */
  timeline: (id: string) => ["case", id, "timeline"] as const,
  priors: (id: string) => ["case", id, "priors"] as const,
  matches: (id: string) => ["case", id, "matches"] as const,
  reasonCodes: ["reason-codes"] as const,
  image: (id: string) => ["image", id] as const,
  series: (imageId: string) => ["image", imageId, "series"] as const,
  uploads: ["uploads"] as const,
  uploadItems: (id: string) => ["upload-items", id] as const,
  quarantine: (q: string) => ["quarantine", q] as const,
  auditEvents: (filters: object) => ["audit", "events", filters] as const,
  auditKinds: ["audit", "kinds"] as const,
  proof: (position: number) => ["audit", "proof", position] as const,
  labels: ["labels"] as const,
  models: ["models"] as const,
  insights: ["insights"] as const,
  canaries: ["canaries"] as const,
  audits: ["audits"] as const,
  stretch: (slug: string) => ["stretch", slug] as const,
  ownReading: ["own-reading"] as const,
  devices: ["devices"] as const,
  deviceList: (filters: object) => ["devices", "list", filters] as const,
  device: (id: string) => ["devices", "one", id] as const,
  authorities: ["devices", "authorities"] as const,
  practice: ["practice"] as const,
  practiceSession: (id: string) => ["practice", "session", id] as const,
  practiceFilm: (id: string) => ["practice", "film", id] as const,
  practiceMap: (id: string, lane: string) => ["practice", "film", id, lane] as const,
  practiceProgress: ["practice", "progress"] as const,
};

interface CaseQuery {
  readonly q?: string;
  readonly filter?: string;
  readonly [field: string]: string | number | null | undefined;
}

/** A page of a worklist. Text may be a patient's name, so it travels in a body, never in a URL. */
export function fetchCases(
  slug: string,
  { q = "", filter = "", ...query }: CaseQuery,
  signal?: AbortSignal,
): Promise<t.CasePage> {
  const path = `/worklists/${slug}/cases`;
  const options = signal === undefined ? {} : { signal };
  if (q === "" && filter === "") return api(path, { query, ...options });
  const body = { ...query, q, filter };
  return api(`${path}/search`, { method: "POST", body, ...options });
}

/** A page of the quarantine; file names may hold a patient's name, so text goes in a body. */
export function fetchQuarantine(
  q: string,
  page: { cursor: string | null; limit: number },
  signal: AbortSignal,
): Promise<t.Page<t.QuarantineItem>> {
  if (q === "") return api("/quarantine", { query: page, signal });
  return api("/quarantine/search", { method: "POST", body: { ...page, q }, signal });
}

/** `onSignedOut` is called when any query is refused because the session has ended. */
export function createQueryClient(onSignedOut: () => void): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({
      onError: (error) => {
        if (error instanceof ApiError && error.status === 401) onSignedOut();
      },
    }),
    defaultOptions: {
      queries: {
        retry: mayRetry,
        staleTime: 15_000,
        refetchOnWindowFocus: false,
        networkMode: "always",
      },
      mutations: { retry: false, networkMode: "always" },
    },
  });
}

export const meQuery = queryOptions({
  queryKey: keys.me,
  queryFn: ({ signal }) => api<t.Me>("/me", { signal }),
  staleTime: 300_000,
});

export const worklistsQuery = queryOptions({
  queryKey: keys.worklists,
  queryFn: ({ signal }) => api<t.WorklistOut[]>("/worklists", { signal }),
});

export const peopleQuery = (slug: string) =>
  queryOptions({
    queryKey: ["people", slug],
    queryFn: ({ signal }) => api<t.Person[]>(`/worklists/${slug}/people`, { signal }),
    staleTime: 300_000,
  });

export const viewsQuery = (slug: string) =>
  queryOptions({
    queryKey: keys.views(slug),
    queryFn: ({ signal }) => api<t.SavedView[]>(`/worklists/${slug}/views`, { signal }),
    staleTime: 300_000,
  });

export const queuesQuery = (slug: string) =>
  queryOptions({
    queryKey: keys.queues(slug),
    queryFn: ({ signal }) => api<t.Queues>(`/worklists/${slug}/queues`, { signal }),
  });

export const adjudicationQuery = (id: string) =>
  queryOptions({
    queryKey: keys.adjudication(id),
    queryFn: ({ signal }) => api<t.Adjudication>(`/cases/${id}/adjudication`, { signal }),
  });

export const authorizationsQuery = (id: string) =>
  queryOptions({
    queryKey: keys.authorizations(id),
    queryFn: ({ signal }) => api<t.Authorizations>(`/cases/${id}/authorizations`, { signal }),
  });

export const reasonCodesQuery = queryOptions({
  queryKey: keys.reasonCodes,
  queryFn: ({ signal }) => api<t.ReasonCode[]>("/reason-codes", { signal }),
  select: inReadersWords,
  staleTime: Infinity,
});

export const caseQuery = (id: string) =>
  queryOptions({
    queryKey: keys.case(id),
    queryFn: ({ signal }) => api<t.CaseDetail>(`/cases/${id}`, { signal }),
  });

/** What the server tells for the first time by this call goes on the log as read. */
export const questionsQuery = (caseId: string) =>
  queryOptions({
    queryKey: keys.questions(caseId),
    queryFn: ({ signal }) => api<t.Question[]>(`/cases/${caseId}/questions`, { signal }),
  });

/** As many as a bell shows. */
const SHOWN_ASKED = 20;
export const askedQuery = queryOptions({
  queryKey: keys.asked,
  queryFn: ({ signal }) =>
    api<t.Page<t.AskedOf>>("/questions", { query: { limit: SHOWN_ASKED }, signal }),
});

/** The server keeps no more of each person. */
const KEPT_NOTIFICATIONS = 100;
export const notificationsQuery = queryOptions({
  queryKey: keys.notifications,
  queryFn: ({ signal }) =>
    api<t.NotificationPage>("/notifications", {
      query: { limit: KEPT_NOTIFICATIONS },
      signal,
    }),
});

export const evidenceQuery = (id: string) =>
  queryOptions({
    queryKey: keys.evidence(id),
    queryFn: ({ signal }) => api<t.CaseEvidence>(`/cases/${id}/evidence`, { signal }),
  });

export const priorsQuery = (id: string) =>
  queryOptions({
    queryKey: keys.priors(id),
    queryFn: ({ signal }) => api<t.Prior[]>(`/cases/${id}/priors`, { signal }),
  });

export const matchesQuery = (id: string) =>
  queryOptions({
    queryKey: keys.matches(id),
    queryFn: ({ signal }) => api<t.Match[]>(`/cases/${id}/matches`, { signal }),
  });

/** The images of an image's series, and where their files say they lie. */
export const seriesQuery = (imageId: string) =>
  queryOptions({
    queryKey: keys.series(imageId),
    queryFn: ({ signal }) => api<t.Series>(`/images/${imageId}/series`, { signal }),
    staleTime: 300_000,
  });

/** Where the lanes' maps of a case are. */
export const caseMaps = (id: string) => (imageId: string, lane: t.LaneName) => ({
  key: keys.heatmap(id, imageId, lane),
  path: `/cases/${id}/evidence/${imageId}/${lane}/heatmap`,
});

export const imageQuery = (id: string) =>
  queryOptions({
    queryKey: keys.image(id),
    queryFn: ({ signal }) => api<t.ImageMeta>(`/images/${id}`, { signal }),
    staleTime: Infinity,
  });

export const auditKindsQuery = queryOptions({
  queryKey: keys.auditKinds,
  queryFn: ({ signal }) => api<t.EventKind[]>("/audit/kinds", { signal }),
  staleTime: Infinity,
});

export const modelsQuery = queryOptions({
  queryKey: keys.models,
  queryFn: ({ signal }) => api<t.ModelOut[]>("/learning/models", { signal }),
});

export const ownReadingQuery = queryOptions({
  queryKey: keys.ownReading,
  queryFn: ({ signal }) => api<t.OwnReading>("/me/reading", { signal }),
  // Who comes from a case looks for that case.
  staleTime: 0,
});

export const insightsQuery = queryOptions({
  queryKey: keys.insights,
  queryFn: ({ signal }) => api<t.InsightsSummary>("/insights/summary", { signal }),
});

export const auditsQuery = queryOptions({
  queryKey: keys.audits,
  queryFn: ({ signal }) => api<t.DepartmentAudits[]>("/insights/audits", { signal }),
});

export const canariesQuery = queryOptions({
  queryKey: keys.canaries,
  queryFn: ({ signal }) => api<t.DepartmentCanaries[]>("/insights/canaries", { signal }),
});

/** Asked again with every case that is opened, and by nothing else. */
export const stretchQuery = (slug: string, caseId: string) =>
  queryOptions({
    queryKey: [...keys.stretch(slug), caseId],
    queryFn: ({ signal }) => api<t.Stretch>(`/worklists/${slug}/stretch`, { signal }),
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
  });

export const deviceQuery = (id: string) =>
  queryOptions({
    queryKey: keys.device(id),
    queryFn: ({ signal }) => api<t.DeviceDetail>(`/devices/${id}`, { signal }),
  });

export const authoritiesQuery = queryOptions({
  queryKey: keys.authorities,
  queryFn: ({ signal }) => api<t.Authority[]>("/devices/authorities", { signal }),
});

/** What there is to practise on; the truth of a film comes with its answer alone. */
export const practiceQuery = queryOptions({
  queryKey: keys.practice,
  queryFn: ({ signal }) => api<t.Practice>("/practice", { signal }),
  staleTime: 0,
});

export const practiceSessionQuery = (id: string) =>
  queryOptions({
    queryKey: keys.practiceSession(id),
    queryFn: ({ signal }) => api<t.PracticeSession>(`/practice/sessions/${id}`, { signal }),
  });

export const practiceFilmQuery = (id: string) =>
  queryOptions({
    queryKey: keys.practiceFilm(id),
    queryFn: ({ signal }) => api<t.PracticeFilm>(`/practice/films/${id}`, { signal }),
    staleTime: Infinity,
  });

export const practiceMaps = (imageId: string, lane: t.LaneName) => ({
  key: keys.practiceMap(imageId, lane),
  path: `/practice/films/${imageId}/${lane}/heatmap`,
});

export const practiceProgressQuery = queryOptions({
  queryKey: keys.practiceProgress,
  queryFn: ({ signal }) => api<t.PracticeProgress>("/practice/progress", { signal }),
  staleTime: 0,
});
