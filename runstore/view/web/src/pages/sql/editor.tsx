/** A field for a query, with the keys that people expect of one. */

import { useEffect, useRef } from "preact/hooks";
import { commented, indented, placeOf, type Edit } from "./typing";

interface Props {
  value: string;
  onChange: (value: string) => void;
  run: () => void;
  /** Is given a function that puts text where the cursor is. */
  insert: { current: (text: string) => void };
  error: string | null;
}

export function Editor({ value, onChange, run, insert, error }: Props) {
  const field = useRef<HTMLTextAreaElement>(null);
  const put = (edit: Edit): void => {
    const area = field.current!;
    area.value = edit.text;
    area.setSelectionRange(edit.start, edit.end);
    onChange(edit.text);
  };
  insert.current = (text) => {
    const area = field.current!;
    area.focus();
    area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
    onChange(area.value);
  };
  useEffect(() => {
    const place = error === null ? null : placeOf(error, value);
    if (place !== null) field.current?.setSelectionRange(place, place);
  }, [error]);
  const keys = (event: KeyboardEvent): void => {
    event.stopPropagation();
    const area = field.current!;
    const edit: Edit = { text: area.value, start: area.selectionStart, end: area.selectionEnd };
    const control = event.ctrlKey || event.metaKey;
    if (control && event.key === "Enter") run();
    else if (control && event.key === "/") put(commented(edit));
    else if (event.key === "Tab" && edit.start !== edit.end) put(indented(edit, event.shiftKey));
    else return;
    event.preventDefault();
  };
  const lines = value.split("\n").length;
  return (
    <div class="sql-editor">
      <pre class="rp-numbers" aria-hidden="true">{Array.from({ length: lines }, (_, n) => n + 1).join("\n")}</pre>
      <textarea ref={field} aria-label="Query" aria-invalid={error !== null} spellcheck={false} autocomplete="off" value={value}
        rows={Math.min(20, Math.max(6, lines + 1))} wrap="off" onInput={(event) => onChange(event.currentTarget.value)} onKeyDown={keys} />
    </div>
  );
}
