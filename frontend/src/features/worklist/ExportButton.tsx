import { t } from "@lingui/core/macro";
import { useMutation } from "@tanstack/react-query";
import { Download } from "lucide-react";

import { apiBytes } from "@/api/client";
import { may, useMe } from "@/api/session";
import type { WorklistMode } from "@/api/types";
import { IconButton } from "@/ui/Button";
import { tell } from "@/ui/toast";

import { type Filters, filterText, toQuery } from "./filters";

interface ExportButtonProps {
  slug: string;
  mode: WorklistMode;
  filters: Filters;
}

/** The list as a file, for who may take it; the server puts that on the log. */
export function ExportButton({ slug, mode, filters }: ExportButtonProps) {
  const me = useMe();
  const take = useMutation({
    mutationFn: () =>
      apiBytes(`/worklists/${slug}/cases/csv`, {
        method: "POST",
        body: { ...toQuery(filters, mode), filter: filterText(filters) },
      }),
    onSuccess: (bytes) => {
      const url = URL.createObjectURL(new Blob([bytes], { type: "text/csv" }));
      const link = document.createElement("a");
      link.href = url;
      link.download = `worklist-${slug}.csv`;
      link.click();
      // The browser has taken it by then.
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
      tell(t`Downloaded the list. That is on the log.`);
    },
    onError: (error) => tell(error.message, "problem"),
  });
  if (!may(me, "export_cases")) return null;
  return (
    <IconButton
      label={t`Download this list as CSV, with all columns`}
      small
      disabled={take.isPending}
      onClick={() => take.mutate()}
    >
      <Download size={14} aria-hidden />
    </IconButton>
  );
}
