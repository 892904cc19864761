import { plural, t } from "@lingui/core/macro";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useState, useSyncExternalStore } from "react";

import { keys } from "@/api/queries";
import { useMe } from "@/api/session";
import { announce } from "@/ui/announce";
import { EmptyState } from "@/ui/states";
import { tell } from "@/ui/toast";

import { BatchPanel } from "./BatchPanel";
import type { Picked } from "./collect";
import { DropZone } from "./DropZone";
import { PreviousUploads } from "./PreviousUploads";
import { uploadQueue } from "./queue";
import "./upload.css";

export function UploadPage() {
  const me = useMe();
  const client = useQueryClient();
  const batches = useSyncExternalStore(uploadQueue.subscribe, uploadQueue.batches);
  const [worklist, setWorklist] = useState(me.worklists[0]?.slug ?? "");
  const [claimReference, setClaimReference] = useState("");
  const nameOf = useCallback(
    (slug: string) => me.worklists.find((each) => each.slug === slug)?.name ?? slug,
    [me.worklists],
  );
  const send = useCallback(
    ({ files, leftOut }: Picked) => {
      if (files.length === 0) {
        tell(t`There was no file in what you dropped.`, "problem");
        return;
      }
      uploadQueue.add(files, { worklist, claimReference: claimReference.trim() });
      // The batch's own panel shows the rest, and goes on showing what is true.
      announce(
        t`Sending ${plural(files.length, { one: "# file", other: "# files" })} to ${nameOf(worklist)}.`,
      );
      if (leftOut > 0) {
        tell(
          plural(leftOut, {
            one: "Left out # file of the operating system.",
            other: "Left out # files of the operating system.",
          }),
        );
      }
    },
    [worklist, claimReference, nameOf],
  );
  const complain = useCallback((text: string) => tell(text, "problem"), []);
  const opened = batches.filter(({ uploadId }) => uploadId !== null).length;
  useEffect(() => {
    void client.invalidateQueries({ queryKey: keys.uploads });
  }, [client, opened]);

  if (worklist === "") {
    return (
      <EmptyState title={t`There is no worklist to send films to`} isPage>
        <p>{t`A lead or an administrator of your site can add you to a department.`}</p>
      </EmptyState>
    );
  }
  return (
    <div className="page page-scroll">
      <title>{t`Upload · Truefilm`}</title>
      <div className="page-head">
        <h1>{t`Upload`}</h1>
      </div>
      <div className="page-body upload-body">
        <section className="panel upload-form" aria-label={t`Send films`}>
          <div className="upload-fields">
            <label className="field">
              <span>{t`Worklist`}</span>
              <select
                className="input"
                value={worklist}
                onChange={(event) => setWorklist(event.target.value)}
              >
                {me.worklists.map(({ slug, name }) => (
                  <option key={slug} value={slug}>
                    {name}
                  </option>
                ))}
              </select>
            </label>
            <label className="field">
              <span>{t`Claim reference (optional)`}</span>
              <input
                className="input"
                value={claimReference}
                maxLength={64}
                autoComplete="off"
                onChange={(event) => setClaimReference(event.target.value)}
              />
            </label>
            <p className="muted">
              {t`Each film becomes a case of this worklist. Sending goes on while you work on other pages; closing the tab stops it.`}
            </p>
          </div>
          <DropZone onFiles={send} onProblem={complain} />
        </section>
        {batches.map((batch) => (
          <BatchPanel
            key={batch.id}
            batch={batch}
            worklistName={nameOf(batch.target.worklist)}
          />
        ))}
        <section className="panel" aria-label={t`Earlier uploads`}>
          <h2 className="panel-title">{t`Uploads of this site`}</h2>
          <PreviousUploads nameOf={nameOf} />
        </section>
      </div>
    </div>
  );
}
