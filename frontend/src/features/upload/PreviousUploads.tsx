import { t } from "@lingui/core/macro";
import { useQuery } from "@tanstack/react-query";
import { ChevronDown, ChevronRight } from "lucide-react";
import { useMemo } from "react";

import { api } from "@/api/client";
import { fetchAll } from "@/api/pages";
import { keys } from "@/api/queries";
import { may, useMe } from "@/api/session";
import type { Page, UploadItem, UploadOut } from "@/api/types";
import { formatCount, formatWhen } from "@/ui/format";
import { ErrorState, SkeletonRows } from "@/ui/states";
import { useUrlFilters } from "@/ui/useUrlFilters";

import { FileRows } from "./FileRows";
import { rowOfItem } from "./rows";

const NOTHING_OPEN = { upload: "" };
const STATES: Record<UploadOut["state"], string> = {
  open: t`Under way`,
  settled: t`Settled`,
  cancelled: t`Cancelled`,
};

export function PreviousUploads({ nameOf }: { nameOf: (slug: string) => string }) {
  const [{ upload: openId }, setOpen] = useUrlFilters(NOTHING_OPEN);
  const uploads = useQuery({
    queryKey: keys.uploads,
    queryFn: ({ signal }) => api<Page<UploadOut>>("/uploads", { query: { limit: 50 }, signal }),
  });
  if (uploads.isPending) return <SkeletonRows label={t`Loading earlier uploads`} count={4} />;
  if (uploads.data === undefined) {
    return (
      <ErrorState
        title={t`Earlier uploads could not be loaded`}
        error={uploads.error}
        onRetry={() => void uploads.refetch()}
      />
    );
  }
  if (uploads.data.items.length === 0) {
    return <p className="empty-line">{t`Nothing has been uploaded yet.`}</p>;
  }
  return (
    <table className="data-table">
      <thead>
        <tr>
          <th scope="col">{t`When`}</th>
          <th scope="col">{t`To`}</th>
          <th scope="col">{t({ message: "Claim", context: "insurance" })}</th>
          <th scope="col">{t`By`}</th>
          <th scope="col">{t`State`}</th>
          <th scope="col" className="numeric">
            {t`Stored`}
          </th>
          <th scope="col" className="numeric">
            {t`Duplicate`}
          </th>
          <th scope="col" className="numeric">
            {t`Quarantined`}
          </th>
          <th scope="col" className="numeric">
            {t`Files`}
          </th>
        </tr>
      </thead>
      <tbody>
        {uploads.data.items.map((upload) => {
          const isOpen = upload.id === openId;
          return (
            <UploadRow
              key={upload.id}
              upload={upload}
              to={nameOf(upload.worklist)}
              isOpen={isOpen}
              onToggle={() => setOpen({ upload: isOpen ? "" : upload.id })}
            />
          );
        })}
      </tbody>
    </table>
  );
}

interface UploadRowProps {
  upload: UploadOut;
  to: string;
  isOpen: boolean;
  onToggle: () => void;
}

function UploadRow({ upload, to, isOpen, onToggle }: UploadRowProps) {
  const { counts } = upload;
  const Chevron = isOpen ? ChevronDown : ChevronRight;
  return (
    <>
      <tr>
        <td>
          <button
            type="button"
            className="expander"
            aria-expanded={isOpen}
            onClick={onToggle}
            aria-label={t`Files of the upload of ${formatWhen(upload.created_at)}`}
          >
            <Chevron size={14} aria-hidden />
            {formatWhen(upload.created_at)}
          </button>
        </td>
        <td>{to}</td>
        <td>{upload.claim_reference}</td>
        <td>{upload.created_by?.display_name ?? upload.source}</td>
        <td>{STATES[upload.state]}</td>
        <td className="numeric">{formatCount(counts.stored)}</td>
        <td className="numeric">{formatCount(counts.duplicate)}</td>
        <td className={`numeric ${counts.quarantined > 0 ? "tone-amber" : ""}`}>
          {formatCount(counts.quarantined)}
        </td>
        <td className="numeric">{formatCount(upload.total)}</td>
      </tr>
      {isOpen ? (
        <tr className="expanded">
          <td colSpan={9}>
            <UploadFiles id={upload.id} />
          </td>
        </tr>
      ) : null}
    </>
  );
}

function UploadFiles({ id }: { id: string }) {
  const me = useMe();
  const items = useQuery({
    queryKey: keys.uploadItems(id),
    queryFn: ({ signal }) => fetchAll<UploadItem>(`/uploads/${id}/items`, { signal }),
  });
  const rows = useMemo(() => (items.data ?? []).map(rowOfItem), [items.data]);
  if (items.isPending) return <SkeletonRows label={t`Loading its files`} count={3} />;
  if (items.data === undefined) {
    return (
      <ErrorState
        title={t`Its files could not be loaded`}
        error={items.error}
        onRetry={() => void items.refetch()}
      />
    );
  }
  if (rows.length === 0) return <p className="empty-line">{t`No file arrived.`}</p>;
  return (
    <FileRows
      label={t`Files of this upload`}
      rows={rows}
      mayOpenCases={may(me, "read_cases")}
    />
  );
}
