// The groups that the source knows: of each open branch its own, asked for when it is opened.

import { signal } from "@preact/signals";
import type { Source } from "../data/source";
import type { SortKey } from "../state/view";
import type { Column } from "./columns";
import { branches, root, type Branch } from "./group";
import { inOrder, type Figure } from "./figures";
import { facetsOf, type Facet, type FacetAnswer } from "./facets";

const MOST = 200;
const SUMMED = 40; // columns that are summed up at most

type Order = (found: readonly Branch[]) => Branch[];

export class Groups {
  readonly came = signal(0);
  readonly error = signal<Error | null>(null);
  private question = { columns: [] as readonly Column[], where: "", experiment: "", figures: [] as readonly string[] };
  private version = 0;
  private readonly known = new Map<string, { facets: Facet[]; version: number }>();
  private readonly asking = new Map<string, number>();

  constructor(private readonly source: Source) {}

  /** Group otherwise from now on; `figures` are the columns that are summed up. */
  ask(columns: readonly Column[], where: string, experiment: string, figures: readonly string[]): void {
    const next = { columns, where, experiment, figures: figures.slice(0, SUMMED) };
    if (JSON.stringify(next) === JSON.stringify(this.question)) return;
    const others = JSON.stringify({ ...next, figures: [] }) !== JSON.stringify({ ...this.question, figures: [] });
    this.question = next;
    if (others) this.known.clear();
    this.renew();
  }

  renew(): void {
    this.version++;
    this.came.value++;
  }

  /** The groups, those within open ones as far as they are known; null until the outermost are. */
  tree(open: ReadonlySet<string>, sort: readonly SortKey[] = [], which: Figure = "mean"): Branch[] | null {
    return this.within({ ...root(this.question.where) }, open, (found) => inOrder(found, sort, which));
  }

  private within(parent: Pick<Branch, "key" | "depth" | "where">, open: ReadonlySet<string>, order: Order): Branch[] | null {
    const column = this.question.columns[parent.depth + 1];
    if (!column) return null;
    const found = this.facets(parent.key, parent.where, column);
    if (!found) return null;
    return order(branches(column, found, parent)).map((branch) =>
      open.has(branch.key) ? { ...branch, branches: this.within(branch, open, order) } : branch,
    );
  }

  private facets(key: string, where: string, column: Column): Facet[] | null {
    const found = this.known.get(key);
    if (found?.version !== this.version && this.asking.get(key) !== this.version) void this.fetch(key, where, column);
    return found?.facets ?? null;
  }

  private async fetch(key: string, where: string, column: Column): Promise<void> {
    const version = this.version;
    this.asking.set(key, version);
    try {
      const { experiment, figures } = this.question;
      const query = { column: column.name, where: where || null, experiment: experiment || null, limit: MOST, figures };
      const answer = await this.source.json<FacetAnswer>("facets", query);
      if (version !== this.version) return;
      this.known.set(key, { facets: facetsOf(answer), version });
      this.error.value = null;
    } catch (error) {
      if (version !== this.version) return;
      this.error.value = error as Error;
    }
    this.came.value++;
  }
}
