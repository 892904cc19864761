/** The mark of Truefilm. */
export function Mark({ size = 20 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" fill="none" aria-hidden>
      <path
        d="M8 4.5h16A1.5 1.5 0 0 1 25.5 6v20a1.5 1.5 0 0 1-1.5 1.5H8A1.5 1.5 0 0 1 6.5 26V6A1.5 1.5 0 0 1 8 4.5Z"
        stroke="var(--accent)"
        strokeWidth="2.2"
      />
      <path
        d="m11 16.6 3.6 3.6 6.6-7.8"
        stroke="var(--accent)"
        strokeWidth="2.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
