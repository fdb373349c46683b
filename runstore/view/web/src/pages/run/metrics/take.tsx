/** What a run logged, taken elsewhere: as a file, as the Python or the SQL that gets at it. */

import { Popover } from "../../../parts/popover";
import { download } from "../files/download";
import { copy, type Place } from "../place";
import { runPath, title, type Run } from "../shapes";
import { ofMetric, ofRun, sqlOf } from "../snippets";

interface Of {
  metric?: string;
  table?: string;
}

export function Take({ run, place, of = {} }: { run: Run; place: Place; of?: Of }) {
  const name = of.table ?? of.metric;
  const { path } = place.workspace;
  const python = name === undefined ? `${ofRun(path, run.run_id)}values = run.get_metrics()\n` : ofMetric(path, run.run_id, name);
  const file = (form: string): Promise<void> =>
    download(place, runPath(run.run_id, "data"), { form, ...of }, `${title(run)}-${name ?? "metrics"}.${form}`);
  return (
    <Popover label={name === undefined ? "Take the data" : `Take ${name}`} text="Take">
      {(close) => (
        <div class="rs-form">
          {([["Save as CSV", () => file("csv")], ["Save as Parquet", () => file("parquet")],
            ["Copy as Python", () => copy(place, python, "Python")],
            ["Copy as SQL", () => copy(place, sqlOf(run.run_id, of), "SQL")]] as const).map(([label, act]) => (
            <button type="button" key={label} class="rs-button" onClick={() => { close(); void act(); }}>{label}</button>
          ))}
        </div>
      )}
    </Popover>
  );
}
