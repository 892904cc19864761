import type { ReactNode } from "react";

interface ScrollPageProps {
  /** Read out where the page takes the focus. */
  readonly label: string;
  readonly children: ReactNode;
}

/** A page of figures: with nothing in it to focus, it takes the focus itself, for the arrow keys. */
export function ScrollPage({ label, children }: ScrollPageProps) {
  return (
    <div className="page page-scroll" role="region" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}
