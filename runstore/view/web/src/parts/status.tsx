// A run's status as a word with a mark; the mark's form tells it too, not its colour alone.

const TONES: Record<string, "good" | "bad" | "warn" | "busy" | "calm"> = {
  Completed: "good",
  Failed: "bad",
  NotResponding: "warn",
  CancelRequested: "warn",
  Running: "busy",
  Starting: "busy",
  Preparing: "busy",
  Finalizing: "busy",
};
const MARKS = { good: "✓", bad: "✕", warn: "!", busy: "●", calm: "○" };

export function Status({ status }: { status: string }) {
  const tone = TONES[status] ?? "calm";
  return (
    <span class={`rs-status rs-status-${tone}`}>
      <span aria-hidden="true">{MARKS[tone]}</span> {status}
    </span>
  );
}
