import { hintFor, type KeyId } from "@/ui/keys";
import { useKeymap } from "@/ui/shortcuts";

/** A row of choices of which one holds; each shows its key. */
interface ChoiceProps<Value> {
  readonly legend: string;
  readonly hideLegend?: boolean;
  readonly options: readonly {
    readonly value: Value;
    readonly label: string;
    readonly hint?: string;
    readonly keyId: KeyId | null;
    /** A key that is set elsewhere, as that of a reason. */
    readonly key?: string;
  }[];
  readonly value: Value | null;
  readonly onChoose: (value: Value) => void;
  readonly layout: "row" | "column" | "numbers";
  /** Found by `[data-question=...]`: the question takes the focus while its keys are meant. */
  readonly question?: string;
}

export function Choice<Value extends string | number>(props: ChoiceProps<Value>) {
  const keymap = useKeymap();
  const hintOf = ({ keyId, key }: { keyId: KeyId | null; key?: string }) =>
    keyId === null ? (keymap.singleKeys ? key : undefined) : hintFor(keyId, keymap);
  const { legend, hideLegend = false, options, value, onChoose, layout, question } = props;
  return (
    <fieldset
      className={`choice choice-${layout}`}
      {...(question ? { "data-question": question, tabIndex: -1 } : {})}
    >
      <legend className={hideLegend ? "visually-hidden" : "step-label"}>{legend}</legend>
      <div className="choice-options">
        {options.map((option) => (
          <button
            key={option.value}
            type="button"
            className="choice-option"
            aria-pressed={option.value === value}
            aria-keyshortcuts={hintOf(option)?.replaceAll(" ", "+")}
            onClick={(event) => {
              onChoose(option.value);
              // After a click Enter should seal, not press the same choice again.
              if (event.detail > 0) event.currentTarget.blur();
            }}
          >
            {hintOf(option) === undefined ? null : <kbd aria-hidden>{hintOf(option)}</kbd>}
            <span className="choice-words">
              {option.label}
              {option.hint === undefined ? null : <small>{option.hint}</small>}
            </span>
          </button>
        ))}
      </div>
    </fieldset>
  );
}
