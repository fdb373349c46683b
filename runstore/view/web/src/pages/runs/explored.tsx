// The table's columns against each other. What is brushed there is chosen in the table.

import { Explore, usual, type Explored as State } from "../../chart/explore";
import { useApp } from "../../state/app";
import { placeOf } from "../../state/colours";
import type { Listing } from "./listing";

const KEPT = "explore"; // where the address keeps what is shown

export function Explored({ listing }: { listing: Listing }) {
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
