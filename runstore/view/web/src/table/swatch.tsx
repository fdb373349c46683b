// The look of a run's line, small: its colour and its dashes.

import type { Look } from "../theme/palettes";

export function Swatch({ look }: { look: Look }) {
  return (
    <svg class="rs-swatch" width="18" height="12" viewBox="0 0 18 12" aria-hidden="true" focusable="false">
      <line x1="1" x2="17" y1="6" y2="6" stroke={look.colour} stroke-width="4" stroke-dasharray={look.dash.join(" ")} />
    </svg>
  );
}
