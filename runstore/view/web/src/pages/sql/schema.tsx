/** What there is to ask about: views and their columns; a click puts a name into the query. */

import type { Source } from "../../data/source";
import { useAsked } from "../run/asked";

interface View {
  name: string;
  columns: { name: string; type: string }[];
}

// Asked for where the server lets one ask; the names are here for where it does not.
const KNOWN = ["runs", "experiments", "params", "tags", "properties", "metrics", "curve_points", "metric_summary",
  "system_metrics", "rows", "artifacts", "logs", "writers", "models"];
const NAMES: View[] = KNOWN.map((name) => ({ name, columns: [] }));
const QUERY = "SELECT table_name, column_name, data_type FROM information_schema.columns " +
  "WHERE table_schema = 'main' ORDER BY table_name, ordinal_position";

export function Schema({ source, insert }: { source: Source; insert: (text: string) => void }) {
  const found = useAsked<View[]>("schema", () => views(source));
  return (
    <section class="rp-card" aria-label="Views">
      <header><h2>Views</h2></header>
      {(found.value ?? NAMES).map((view) => (
        <div class="sql-view" key={view.name}>
          <button type="button" class="rp-link" title="Put into the query" aria-label={`Put ${view.name} into the query`}
            onClick={() => insert(view.name)}>+</button>
          <details>
            <summary><span class="rp-code">{view.name}</span></summary>
            <ul class="sql-list">
              {view.columns.map((column) => (
                <li key={column.name}>
                  <button type="button" onClick={() => insert(quoted(column.name))} title="Put into the query">
                    <span class="rp-code">{column.name}</span> <span class="rs-muted">{column.type.toLowerCase().slice(0, 24)}</span>
                  </button>
                </li>
              ))}
              {!view.columns.length && <li class="rs-muted">columns are in the documentation</li>}
            </ul>
          </details>
        </div>
      ))}
    </section>
  );
}

async function views(source: Source): Promise<View[]> {
  const known = new Map<string, View>(KNOWN.map((name) => [name, { name, columns: [] }]));
  try {
    const { rows } = await source.post<{ rows: string[][] }>("sql", { query: QUERY });
    for (const [name = "", column = "", type = ""] of rows) {
      if (!known.has(name)) continue; // what the server keeps for itself
      known.get(name)!.columns.push({ name: column, type });
    }
  } catch {
    // names alone, then
  }
  return [...known.values()];
}

function quoted(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
