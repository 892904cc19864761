import { t } from "@lingui/core/macro";
import { Link } from "react-router";

import { buttonClass } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { printKey } from "@/ui/keys";
import { keysOf, labelOf, useBoundShortcuts, useKeymap } from "@/ui/shortcuts";

/** Every key that works on this page, printed from what is bound. */
export function ShortcutSheet({ onClose }: { onClose: () => void }) {
  const scopes = useBoundShortcuts();
  const keymap = useKeymap();
  return (
    <Dialog title={t`Keys on this page`} onClose={onClose}>
      <div
        className="dialog-body key-sheet"
        role="region"
        aria-label={t`List of keys`}
        tabIndex={0}
      >
        <div className="key-columns">
          {scopes.map((scope) => (
            <section key={scope.id.toString() + scope.name}>
              <h3>{scope.name}</h3>
              <dl>
                {scope.shortcuts.map((shortcut) => (
                  <div key={labelOf(shortcut)}>
                    <dt>{labelOf(shortcut)}</dt>
                    <dd>
                      {keysOf(shortcut, keymap).length === 0 ? (
                        <span className="muted">{t`off`}</span>
                      ) : null}
                      {keysOf(shortcut, keymap).map((key) => (
                        <span key={key}>
                          {printKey(key).map((part) => (
                            <kbd key={part}>{part}</kbd>
                          ))}
                        </span>
                      ))}
                    </dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
        </div>
      </div>
      <div className="key-sheet-end">
        <Link to="/me/keys" className={buttonClass({ small: true })} onClick={onClose}>
          {t`Change the keys`}
        </Link>
      </div>
    </Dialog>
  );
}
