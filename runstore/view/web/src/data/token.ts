// The page's secret: given once in the address, kept for the tab, and gone from the address.

const KEPT = "runstore.token";

/** The token, taken out of the address if it is there. */
export function takeToken(): string {
  const here = new URL(window.location.href);
  const given = here.searchParams.get("token");
  if (given !== null) {
    here.searchParams.delete("token");
    window.history.replaceState(window.history.state, "", here);
    keep(given);
    return given;
  }
  return kept();
}

/** Keep a token for as long as the tab is open. */
export function keep(token: string): void {
  try {
    window.sessionStorage.setItem(KEPT, token);
  } catch {
    // a browser may forbid it; the token then lasts until the page is loaded again
  }
}

function kept(): string {
  try {
    return window.sessionStorage.getItem(KEPT) ?? "";
  } catch {
    return "";
  }
}
