// Beside the table: the charts, or its columns against each other, which are fetched when they are first asked for.

import type { ComponentChildren } from "preact";
import { later } from "../../parts/later";
import { Tabs } from "../../parts/tabs";
import { useApp } from "../../state/app";
import type { Listing } from "./listing";

const SHOWN = "beside"; // where the address keeps which of the two is shown
const Explored = later<{ listing: Listing }>(async () => (await import("./explored")).Explored);

/** What is beside the table: the charts, or the columns against each other. */
export function Beside({ listing, charts }: { listing: Listing; charts: ComponentChildren }) {
  const app = useApp();
  const { more, full } = app.view.value;
  const shown = more[SHOWN] === "columns" && !full ? "columns" : "curves";
  const tabs = [{ name: "curves", label: "Curves" }, { name: "columns", label: "Columns" }]; // prettier-ignore
  const show = (name: string): void => {
    const { [SHOWN]: _, ...rest } = app.view.peek().more;
    app.change({ more: name === "columns" ? { ...rest, [SHOWN]: name } : rest });
  };
  return (
    <div class={`rs-beside${full ? " rs-beside-full" : ""}`}>
      <Tabs label="Beside the table" tabs={tabs} shown={shown} onShow={show}>
        {shown === "columns" ? <Explored listing={listing} /> : charts}
      </Tabs>
    </div>
  );
}
