// What stands in the place of the page for somebody whose token the server doesn't know.

import { render } from "preact";
import { useState } from "preact/hooks";
import { keep } from "../data/token";
import { Empty } from "./empty";

/** Ask for a token; with a good one the page is loaded again. `tried`: one was given. */
export function shut(place: HTMLElement, tried: boolean): void {
  render(<Door tried={tried} />, place);
}

function Door({ tried }: { tried: boolean }) {
  const [token, setToken] = useState("");
  const open = (event: Event): void => {
    event.preventDefault();
    keep(token.trim());
    window.location.reload();
  };
  return (
    <main class="rs-door">
      <Empty icon="workspace" title={tried ? "The server knows no such token" : "This workspace wants a token"}>
        <p class="rs-muted">
          Of <code>runstore ui</code> it is in the address that it tells; of <code>runstore serve</code>, whoever runs it makes one.
        </p>
        <form class="rs-row" onSubmit={open}>
          <input
            type="password"
            class="rs-input"
            aria-label="Token"
            placeholder="Token"
            autocomplete="off"
            autoFocus
            value={token}
            onInput={(event) => setToken(event.currentTarget.value)}
          />
          <button type="submit" class="rs-button" disabled={!token.trim()}>
            Open
          </button>
        </form>
      </Empty>
    </main>
  );
}
