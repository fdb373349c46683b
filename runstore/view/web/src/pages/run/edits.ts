/** Changes to a run that people make here, each with the change that takes it back. */

import type { Place } from "./place";
import type { Run } from "./shapes";

export type Edit = { change: string } & Record<string, unknown>;

/** What takes an edit back, or null where nothing can. */
export function undoing(run: Run, edit: Edit): Edit | null {
  const key = String(edit["key"] ?? "");
  const tags = run.tags ?? {};
  switch (edit.change) {
    case "tag":
      return Object.hasOwn(tags, key) ? { change: "tag", key, value: tags[key] } : { change: "untag", key };
    case "untag":
      return Object.hasOwn(tags, key) ? { change: "tag", key, value: tags[key] } : null;
    case "describe":
      return { change: "describe", text: run.description ?? "" };
    case "name":
      return run.name ? { change: "name", name: run.name } : null;
    case "archive":
      return { change: "reactivate" };
    case "reactivate":
      return { change: "archive" };
    case "delete":
      return { change: "restore" };
    case "restore":
      return { change: "delete" };
    default:
      return null;
  }
}

const SAID: Record<string, string> = {
  tag: "Tag set", untag: "Tag removed", describe: "Description saved", name: "Name saved", note: "Note added",
  archive: "Run archived", reactivate: "Run is active again", delete: "Run deleted", restore: "Run restored",
};

/** Make an edit, say so, and offer to take it back. */
export async function make(place: Place, run: Run, edit: Edit, done: () => void): Promise<boolean> {
  const send = (one: Edit): Promise<unknown> => place.source.post("edits", { run_id: run.run_id, ...one });
  try {
    await send(edit);
  } catch (error) {
    place.say(`Not saved: ${(error as Error).message}`);
    return false;
  }
  done();
  const back = undoing(run, edit);
  const undo = (): void => {
    send(back!).then(done, (error: Error) => place.say(`Not taken back: ${error.message}`));
  };
  place.say(SAID[edit.change] ?? "Saved", back ? undo : undefined);
  return true;
}
