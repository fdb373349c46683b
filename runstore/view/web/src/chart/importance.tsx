// Which columns go with an outcome: how far each rises or falls with it, by rank.

import { together, type Cell } from "./columns";
import "./figures.css";

interface Props {
  outcome: string;
  cells: readonly Cell[];
  columns: readonly { name: string; label: string; cells: readonly Cell[] }[];
  onChoose?(name: string): void;
}

/** A list of the columns, the strongest first. A correlation is no cause, and is not called one. */
export function Importance({ outcome, cells, columns, onChoose }: Props) {
  const found = columns
    .flatMap((column) => {
      const told = together(column.cells, cells);
      return told === null ? [] : [{ ...column, ...told }];
    })
    .sort((a, b) => Math.abs(b.r) - Math.abs(a.r));
  if (!found.length) return <p class="rs-faint">No column with numbers in three runs or more, and with differences.</p>;
  return (
    <table class="rs-importance">
      <caption>Correlation with {outcome}, by rank</caption>
      <thead>
        <tr>
          <th scope="col">column</th>
          <th scope="col">falls · rises</th>
          <th scope="col">r</th>
          <th scope="col">runs</th>
        </tr>
      </thead>
      <tbody>
        {found.map(({ name, label, r, n }) => (
          <tr key={name}>
            <th scope="row">
              {onChoose ? (
                <button type="button" class="rs-link" onClick={() => onChoose(name)}>
                  {label}
                </button>
              ) : (
                label
              )}
            </th>
            <td>
              <svg width="120" height="12" viewBox="-60 0 120 12" aria-hidden="true">
                <rect class={r < 0 ? "rs-falls" : "rs-rises"} x={Math.min(0, r * 58)} y="1" width={Math.max(1, Math.abs(r) * 58)} height="10" rx="2" />
                <line x1="0" x2="0" y1="0" y2="12" />
              </svg>
            </td>
            <td class="rs-number">{(r < 0 ? "−" : "+") + Math.abs(r).toFixed(2)}</td>
            <td class="rs-number">{n}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
