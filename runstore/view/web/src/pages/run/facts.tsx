/** Names and values under each other, with a search when there are many. */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Copy, Long, Search } from "./buttons";
import type { Place } from "./place";
import { counted, plain } from "./said";

const MANY = 12;
const SHOWN = 200;

export function Facts(props: {
  place: Place; values: Record<string, unknown>; noun: string; none: string; sort?: boolean;
}) {
  const [sought, setSought] = useState("");
  const [all, setAll] = useState(false);
  const entries = Object.entries(props.values);
  if (!entries.length) return <p class="rs-muted">{props.none}</p>;
  const low = sought.toLowerCase();
  const found = entries.filter(([name, value]) => `${name} ${plain(value)}`.toLowerCase().includes(low));
  if (props.sort !== false) found.sort((a, b) => a[0].localeCompare(b[0], "en", { numeric: true }));
  const shown = all ? found : found.slice(0, SHOWN);
  return (
    <>
      {entries.length > MANY && (
        <Search value={sought} onChange={setSought} label={`Find in ${counted(entries.length, props.noun)}`} />
      )}
      <dl class="rp-facts">
        {shown.map(([name, value]) => (
          <Fact key={name} name={name} action={<Copy place={props.place} text={plain(value)} what="Value" />}>
            <Long text={plain(value)} />
          </Fact>
        ))}
      </dl>
      {!found.length && <p class="rs-muted">None has “{sought}” in it.</p>}
      {found.length > shown.length && (
        <button type="button" class="rp-link" onClick={() => setAll(true)}>
          Show {counted(found.length - shown.length, "more", "more")}
        </button>
      )}
    </>
  );
}

export function Fact(props: { name: string; children: ComponentChildren; action?: ComponentChildren }) {
  return (
    <div class="rp-fact">
      <dt title={props.name}>{props.name}</dt>
      <dd>
        {props.children}
        {props.action && <span class="rp-fact-action">{props.action}</span>}
      </dd>
    </div>
  );
}

export function Section(props: { title: string; children: ComponentChildren; aside?: ComponentChildren; wide?: boolean }) {
  return (
    <section class={`rp-card${props.wide ? " rp-wide" : ""}`}>
      <header><h2>{props.title}</h2>{props.aside}</header>
      {props.children}
    </section>
  );
}
