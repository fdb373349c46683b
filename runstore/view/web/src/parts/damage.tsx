// What of the workspace could not be read: said where one looks first, and no more in the way than that.

import type { WorkspaceFacts } from "./nav";

export function Damage({ of }: { of: WorkspaceFacts["damage"] }) {
  if (!of?.total) return null;
  return (
    <details class="rs-damage">
      <summary>
        <strong>
          {of.total.toLocaleString("en")} {of.total === 1 ? "thing" : "things"} could not be read.
        </strong>{" "}
        Everything else is shown.
      </summary>
      <ul>
        {of.told.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      {of.total > of.told.length && <p>and {(of.total - of.told.length).toLocaleString("en")} more</p>}
      <p>
        <code>runstore check</code> verifies every file and says what is lost.
      </p>
    </details>
  );
}
