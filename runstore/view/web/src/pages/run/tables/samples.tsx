/** The samples in one cell of a confusion matrix: rows of a logged table with that true and that predicted class. */

import { useState } from "preact/hooks";
import { useAnswer } from "../asked";
import { Button } from "../buttons";
import { usePlace, type Place } from "../place";
import { names, runPath, type Run, type Table } from "../shapes";
import { RowsGrid } from "./grid";
import { classColumns, EVERYTHING } from "./wanted";

export interface Pair {
  truth: string;
  guess: string;
}

export function Samples({ run, pair, leave }: { run: Run; pair: Pair; leave: () => void }) {
  const place = usePlace();
  const tables = (run.metrics ?? []).filter((one) => one.kind === "table").map((one) => one.name);
  const [chosen, setChosen] = useState<string | null>(null);
  const table = chosen ?? tables.find((name) => /pred|sample|eval|confusion/i.test(name)) ?? tables[0];
  return (
    <section class="rp-samples" ref={seen} aria-label={`Samples that are ${pair.truth} and were taken for ${pair.guess}`}>
      <header class="rp-row">
        <h3>true {pair.truth}, predicted {pair.guess}</h3>
        {tables.length > 1 && (
          <select class="rp-search" aria-label="Table of the samples" value={table} onChange={(event) => setChosen(event.currentTarget.value)}>
            {tables.map((name) => <option key={name} value={name}>{name}</option>)}
          </select>
        )}
        <span class="rp-spring" />
        <Button kind="quiet" onClick={leave}>Close</Button>
      </header>
      {table === undefined ? <None /> : <Rows key={table} place={place} run={run} name={table} pair={pair} />}
    </section>
  );
}

/** One function, so that it is brought into sight once. */
const seen = (section: HTMLElement | null): void => section?.scrollIntoView({ block: "nearest" });

function None() {
  return (
    <p class="rs-muted">
      Samples come from a table that has the true and the predicted class of each:{" "}
      <code class="rp-code">run.log_row("predictions", true=…, predicted=…, image=…)</code>
    </p>
  );
}

function Rows({ place, run, name, pair }: { place: Place; run: Run; name: string; pair: Pair }) {
  const found = useAnswer<Table>(runPath(run.run_id, "rows"), { name, limit: 1 });
  const [wanted, setWanted] = useState(EVERYTHING);
  const [chosen, setChosen] = useState<Partial<Pair>>({});
  if (!found.value) return null;
  const columns = names(found.value.columns);
  const told = classColumns(columns);
  const [truth, guess] = [chosen.truth ?? told?.truth, chosen.guess ?? told?.guess];
  return (
    <>
      {(!told || chosen.truth || chosen.guess) && (
        <p class="rp-row">
          <Column label="Column of the true class" value={truth} columns={columns} set={(to) => setChosen({ ...chosen, truth: to })} />
          <Column label="Column of the predicted class" value={guess} columns={columns} set={(to) => setChosen({ ...chosen, guess: to })} />
        </p>
      )}
      {truth && guess ? (
        <RowsGrid place={place} runId={run.run_id} name={name} wanted={wanted} onWanted={setWanted}
          fixed={[[truth, "=", pair.truth], [guess, "=", pair.guess]]} />
      ) : <None />}
    </>
  );
}

function Column(props: { label: string; value: string | undefined; columns: string[]; set: (to: string) => void }) {
  return (
    <select class="rp-search" aria-label={props.label} value={props.value ?? ""} onChange={(event) => props.set(event.currentTarget.value)}>
      <option value="" disabled>{props.label}</option>
      {props.columns.map((name) => <option key={name} value={name}>{name}</option>)}
    </select>
  );
}
