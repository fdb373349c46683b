// A colour chosen by hand, for the chosen runs.

import { Popover } from "../../parts/popover";
import { useApp } from "../../state/app";
import { Swatch } from "../../table/swatch";
import { lookOf, PLACES } from "../../theme/palettes";
import { dark } from "../../theme/scheme";

export function Colours() {
  const app = useApp();
  const { chosen, colours } = app.view.value;
  const paint = (place: number | null) => {
    const rest = Object.fromEntries(Object.entries(colours).filter(([id]) => !chosen.includes(id)));
    const own = place === null ? {} : Object.fromEntries(chosen.map((id) => [id, place]));
    app.change({ colours: { ...rest, ...own } });
  };
  return (
    <Popover label="Colour">
      {() => (
        <div class="rs-colours">
          {Array.from({ length: PLACES }, (_, place) => {
            const look = lookOf(place, dark.value);
            const name = `${look.hue}${look.dash.length ? (look.dash[0] === 6 ? ", dashed" : ", dotted") : ""}`;
            return (
              <button key={place} type="button" class="rs-eye" aria-label={name} title={name} onClick={() => paint(place)}>
                <Swatch look={look} />
              </button>
            );
          })}
          <button type="button" class="rs-button" onClick={() => paint(null)}>
            As at first
          </button>
        </div>
      )}
    </Popover>
  );
}
