/** What stands where an answer isn't there: on its way, refused, or nothing to show. */

import type { ComponentChildren } from "preact";
import { Empty, Failed, Waiting } from "../../parts/empty";
import type { Answer } from "./asked";

/** Shows an answer; an older one dimmed while a new one comes, and what was wrong beside a way to ask again. */
export function Shown<T>(props: { of: Answer<T>; children: (value: T) => ComponentChildren; what: string }) {
  const { value, error, waiting, again } = props.of;
  return (
    <>
      {error && <Failed error={error} again={again} what={`No ${props.what}:`} />}
      {value !== null ? (
        <div class={waiting ? "rp-stale" : "rp-fresh"} aria-busy={waiting}>{props.children(value)}</div>
      ) : (
        !error && <Waiting label={`Loading ${props.what}`} />
      )}
    </>
  );
}

export function Nothing({ title, children }: { title: string; children?: ComponentChildren }) {
  return <Empty title={title}>{children && <p class="rs-muted">{children}</p>}</Empty>;
}
