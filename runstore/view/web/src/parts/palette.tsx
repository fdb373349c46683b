// Ctrl+K: everything that can be done, and every run and experiment, by a few letters of its name.

import { useEffect, useRef, useState } from "preact/hooks";
import { useApp, type App } from "../state/app";
import { useAsked } from "../state/answer";
import { quoted } from "../table/words";
import { Dialog } from "./dialog";
import { found, type Entry } from "./found";
import { Keys } from "./help";

export function Palette() {
  const app = useApp();
  const [text, setText] = useState("");
  const [place, setPlace] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const close = () => (app.over.value = null);
  const stored = useStored(app, text.trim());
  const entries = found([...commandsOf(app), ...stored], text);
  const at = Math.min(place, entries.length - 1);
  const run = (entry: Entry | undefined) => {
    if (!entry) return;
    close();
    entry.run();
  };
  const keys = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (event.key === "Enter") run(entries[at]);
    else if (step) setPlace((at + step + entries.length) % Math.max(1, entries.length));
    else return;
    event.preventDefault();
  };
  useEffect(() => list.current?.children[at]?.scrollIntoView({ block: "nearest" }), [at]);
  return (
    <Dialog label="Go to or do" kind="palette" onClose={close}>
      <input
        type="text"
        role="combobox"
        aria-label="Go to or do"
        aria-expanded="true"
        aria-controls="rs-palette-list"
        aria-activedescendant={entries.length ? `rs-palette-${at}` : undefined}
        placeholder="A run, an experiment, a page, a command …"
        value={text}
        autoFocus
        onInput={(event) => {
          setText(event.currentTarget.value);
          setPlace(0);
        }}
        onKeyDown={keys}
      />
      <ul id="rs-palette-list" role="listbox" aria-label="Found" ref={list}>
        {entries.map((entry, index) => (
          <li
            key={`${entry.of}:${entry.label}:${index}`}
            id={`rs-palette-${index}`}
            role="option"
            aria-selected={index === at}
            onPointerMove={() => setPlace(index)}
            onClick={() => run(entry)}
          >
            <span class="rs-palette-of">{entry.of}</span>
            <span class="rs-cut">{entry.label}</span>
            {entry.key && <Keys of={entry.key} />}
          </li>
        ))}
      </ul>
      {!entries.length && <p class="rs-muted rs-palette-none">Nothing is called that.</p>}
    </Dialog>
  );
}

function commandsOf(app: App): Entry[] {
  const told = app.commands.every().filter((command) => !command.listed);
  return told.map((command) => ({ ...command, key: command.keys?.[0] ?? "" }));
}

/** Runs and experiments whose names have the text in them. */
function useStored(app: App, text: string): Entry[] {
  const { value } = useAsked(text.length > 1 ? text : null, async (signal) => {
    await new Promise((done) => setTimeout(done, 120)); // somebody is still typing
    if (signal.aborted) return [];
    const like = quoted(`%${text.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)}%`);
    const id = quoted(`${text}%`);
    const [runs, experiments] = await Promise.all([
      app.source.json<{ rows: unknown[][] }>(
        "runs",
        { where: `name ilike ${like} escape '\\' or run_id like ${id}`, columns: ["run_id", "name", "experiment"], limit: 8 },
        signal,
      ),
      app.source.json<{ experiments: { experiment: string }[] }>("experiments", { search: text, limit: 5 }, signal),
    ]);
    return [
      ...experiments.experiments.slice(0, 5).map(({ experiment }) => experimentEntry(app, experiment)),
      ...runs.rows.map(([id, name, experiment]) => ({
        label: `${name ?? id} · ${experiment}`,
        of: "run",
        key: "",
        sure: true,
        run: () => app.go("run", String(id)),
      })),
    ];
  });
  return text.length > 1 ? (value ?? []) : [];
}

function experimentEntry(app: App, experiment: string): Entry {
  return {
    label: experiment,
    of: "experiment",
    key: "",
    sure: true,
    run: () => app.go("runs", "", { experiment, where: "" }),
  };
}
