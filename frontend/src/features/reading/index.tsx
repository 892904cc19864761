/** Placeholder so that the router compiles; helper f2 replaces this file. */
export default function ReadingPage() {
  return <p>The reading page is being built.</p>;
}
