/** /me/keys: every key of every page, and which of them this person has changed. */
import { t } from "@lingui/core/macro";
import { RotateCcw } from "lucide-react";
import { useState } from "react";

import { announce } from "@/ui/announce";
import { Button } from "@/ui/Button";
import { entryOf, KEY_IDS, type KeyId, type Keymap, USUAL } from "@/ui/keys";
import { ScrollPage } from "@/ui/ScrollPage";

import { KeyRow } from "./KeyRow";
import "./keys.css";
import { useKeys, withKeys } from "./useKeys";

/** The shortcuts under their headings, in the order of the catalogue. */
const GROUPS = [...new Set(KEY_IDS.map((id) => entryOf(id).heading))].map((heading) => ({
  heading,
  ids: KEY_IDS.filter((id) => entryOf(id).heading === heading),
}));

export function KeysPage() {
  const { keymap, keep } = useKeys();
  const [recording, setRecording] = useState<KeyId | null>(null);
  const changed = Object.keys(keymap.keys).length > 0 || !keymap.singleKeys;
  const change = (next: Partial<Keymap>) => keep({ ...keymap, ...next });
  return (
    <ScrollPage label={t`Keys`}>
      <title>{t`Keys · Truefilm`}</title>
      <div className="page-head keys-page">
        <h1>{t`Keys`}</h1>
        <span className="spacer" />
        <Button
          disabled={!changed}
          onClick={() => {
            setRecording(null);
            keep(USUAL);
            announce(t`All keys are the usual ones.`);
          }}
        >
          <RotateCcw size={14} aria-hidden />
          {t`All back to the usual keys`}
        </Button>
      </div>
      <div className="page-body keys-page">
        <p className="page-lead">
          {t`The keys are yours: they are the same wherever you sign in, and nobody else's change with them. Keys that are no characters, such as Enter, Esc and the arrows, stay as they are.`}
        </p>
        <label className="keys-single">
          <input
            type="checkbox"
            checked={keymap.singleKeys}
            onChange={(event) => change({ singleKeys: event.target.checked })}
          />
          <span>
            {t`Keys of one character work`}
            <small>
              {t`Turn them off if you speak to the computer or use a switch: no letter, digit or sign then does anything by itself.`}
            </small>
          </span>
        </label>
        <div className="keys-groups">
          {GROUPS.map(({ heading, ids }) => (
            <section key={heading} className="panel keys-group">
              <h2>{heading}</h2>
              <ul>
                {ids.map((id) => (
                  <KeyRow
                    key={id}
                    id={id}
                    keymap={keymap}
                    isRecording={recording === id}
                    onRecord={(isOn) => setRecording(isOn ? id : null)}
                    onKeys={(keys) => change({ keys: withKeys(keymap.keys, id, keys) })}
                  />
                ))}
              </ul>
            </section>
          ))}
        </div>
      </div>
    </ScrollPage>
  );
}
