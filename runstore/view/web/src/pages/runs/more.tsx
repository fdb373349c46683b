// Behind the bar's last button: views by name, and the listing taken elsewhere.

import { useState } from "preact/hooks";
import { save as saveFile, saveFrom } from "../../chart/export";
import { IconButton } from "../../parts/button";
import type { WorkspaceFacts } from "../../parts/nav";
import { useAnswer } from "../../state/answer";
import { useApp } from "../../state/app";
import { save, saved } from "../../state/saved";
import { read, write } from "../../state/url";
import type { Listing } from "./listing";
import { csv, python, reported, sql } from "./take";

export function More({ listing, close }: { listing: Listing; close(): void }) {
  const { value } = useAnswer<WorkspaceFacts & { id: string }>("workspace");
  return (
    <>
      <Views workspace={value?.id ?? null} />
      <Take listing={listing} path={value?.url ?? value?.path ?? ""} close={close} />
    </>
  );
}

/** A workspace that is not known yet has no views, and none can be saved in it. */
function Views({ workspace }: { workspace: string | null }) {
  const app = useApp();
  const [name, setName] = useState("");
  const [, again] = useState(0);
  const views = workspace === null ? [] : saved(workspace);
  const keep = (event: Event) => {
    event.preventDefault();
    if (workspace === null || !name.trim()) return;
    save(workspace, name.trim(), write(app.view.peek()));
    setName("");
    app.toast(`Saved as ${name.trim()}`);
  };
  return (
    <fieldset>
      <legend>Views</legend>
      {views.map((view) => (
        <div key={view.name} class="rs-chooser-line">
          <button type="button" class="rs-link rs-cut" onClick={() => app.change(read(view.hash))}>
            {view.name}
          </button>
          <IconButton
            icon="close"
            label={`Forget ${view.name}`}
            onClick={() => {
              save(workspace!, view.name, null);
              again(Math.random());
              const undo = () => void save(workspace!, view.name, view.hash);
              app.toast(`${view.name} is forgotten`, { label: "Undo", run: undo });
            }}
          />
        </div>
      ))}
      <form class="rs-row rs-save" onSubmit={keep}>
        <input
          type="text"
          class="rs-input"
          aria-label="A name for this view"
          placeholder="A name for this view"
          value={name}
          disabled={workspace === null}
          onInput={(event) => setName(event.currentTarget.value)}
        />
        <button type="submit" class="rs-button" disabled={!name.trim()}>
          Save
        </button>
      </form>
    </fieldset>
  );
}

function Take({ listing, path, close }: { listing: Listing; path: string; close(): void }) {
  const app = useApp();
  const copy = async (text: string, what: string) => {
    close();
    try {
      await navigator.clipboard.writeText(text);
      app.toast(`Copied as ${what}`);
    } catch {
      app.toast("The browser doesn't let the page copy", null, "bad");
    }
  };
  const table = async () => {
    close();
    try {
      saveFile("runs.csv", await csv(app.source, app.view.peek(), listing.shown), "text/csv");
    } catch (error) {
      app.toast(`The table can't be taken: ${(error as Error).message}`, null, "bad");
    }
  };
  const report = async () => {
    close();
    app.toast("The report is being made; the browser keeps it when it is there");
    try {
      saveFrom((await app.source.file("report", reported(app.view.peek()))).url, "report.html");
    } catch (error) {
      app.toast(`There is no report: ${(error as Error).message}`, null, "bad");
    }
  };
  const view = app.view.value;
  const { chosen } = view;
  return (
    <fieldset>
      <legend>These runs</legend>
      <div class="rs-form">
        <button type="button" class="rs-button" onClick={() => void copy(python(path, view), "Python")}>
          Copy as Python
        </button>
        <button type="button" class="rs-button" onClick={() => void copy(sql(view, listing.shown, listing.columns), "SQL")}>
          Copy as SQL
        </button>
        <button type="button" class="rs-button" onClick={() => void copy(window.location.href, "an address")}>
          Copy the address of this view
        </button>
        <button type="button" class="rs-button" onClick={() => void table()}>
          Save as CSV
        </button>
        {app.whole && app.source.live && (
          <button type="button" class="rs-button" title="One file that shows them without a server" onClick={() => void report()}>
            Save {chosen.length ? `${chosen.length} chosen ` : ""}as report
          </button>
        )}
      </div>
    </fieldset>
  );
}
