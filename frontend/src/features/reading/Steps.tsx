import { t } from "@lingui/core/macro";
import { Check, Lock } from "lucide-react";

import { isSealed, type Phase } from "./phases";

interface StepsProps {
  readonly phase: Phase;
  readonly informed: boolean;
  readonly onGo: (section: "read" | "evidence" | "verdict") => void;
}

/** Where the reader stands: your read, the evidence, the verdict. */
export function Steps({ phase, informed, onGo }: StepsProps) {
  const sealed = isSealed(phase);
  const isDone = phase === "done";
  const isDeciding = phase === "verdict" || phase === "amending";
  const steps = [
    {
      name: "read",
      label: t`Your read`,
      open: true,
      done: sealed,
      now: phase === "read",
    },
    {
      name: "evidence",
      label: t`Evidence`,
      open: informed || sealed,
      done: isDone || isDeciding,
      now: phase === "sealed",
    },
    {
      name: "verdict",
      label: t`Verdict`,
      open: isDeciding,
      done: isDone,
      now: isDeciding,
    },
  ] as const;
  return (
    <ol className="steps" aria-label={t`Steps`}>
      {steps.map((step, i) => (
        <li key={step.name} data-now={step.now} data-done={step.done}>
          <button
            type="button"
            disabled={!step.open}
            aria-current={step.now ? "step" : undefined}
            onClick={() => onGo(step.name)}
          >
            <b aria-hidden>
              {step.done ? <Check size={12} /> : step.open ? i + 1 : <Lock size={11} />}
            </b>
            {step.label}
            {step.open || step.done ? null : (
              <span className="visually-hidden"> {t`(after the seal)`}</span>
            )}
          </button>
        </li>
      ))}
    </ol>
  );
}
