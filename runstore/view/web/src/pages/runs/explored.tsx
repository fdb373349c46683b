// Beside the table: its columns against each other. What is brushed there is chosen in the table.

import type { ComponentChildren } from "preact";
import { Explore, usual, type Explored as State } from "../../chart/explore";
import { useApp } from "../../state/app";
import { Tabs } from "../../parts/tabs";
import { placeOf } from "../../state/colours";
import type { Listing } from "./listing";

const KEPT = "explore"; // where the address keeps it, and which of the two is shown
const SHOWN = "beside";

/** What is beside the table: the charts, or the columns against each other. */
export function Beside({ listing, charts }: { listing: Listing; charts: ComponentChildren }) {
  const app = useApp();
  const { more, full } = app.view.value;
  if (full) return <>{charts}</>;
  const shown = more[SHOWN] === "columns" ? "columns" : "curves";
  const tabs = [{ name: "curves", label: "Curves" }, { name: "columns", label: "Columns" }]; // prettier-ignore
  const show = (name: string): void => {
    const { [SHOWN]: _, ...rest } = app.view.peek().more;
    app.change({ more: name === "columns" ? { ...rest, [SHOWN]: name } : rest });
  };
  return (
    <div class="rs-beside">
      <Tabs label="Beside the table" tabs={tabs} shown={shown} onShow={show}>
        {shown === "columns" ? <Explored listing={listing} /> : charts}
      </Tabs>
    </div>
  );
}

function Explored({ listing }: { listing: Listing }) {
  const app = useApp();
  const view = app.view.value;
  const { experiment, where, more, colours } = view;
  return (
    <Explore
      source={app.source}
      columns={listing.columns}
      experiment={experiment}
      where={where}
      version={app.live.listed.value}
      hovered={app.linked.hovered}
      state={read(more[KEPT])}
      placeOf={(id, number) => placeOf(id, number, colours)}
      onState={(state) => app.change({ more: { ...view.more, [KEPT]: JSON.stringify(state) } })}
      onChosen={(ids) => app.change({ chosen: ids ?? [] }, true)}
      onOpen={(id) => app.go("run", id)}
    />
  );
}

function read(text: string | undefined): State {
  try {
    return { ...usual, ...(JSON.parse(text ?? "{}") as Partial<State>) };
  } catch {
    return usual; // somebody cut the address short
  }
}
