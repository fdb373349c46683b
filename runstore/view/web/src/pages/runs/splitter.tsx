// The line between the table and the charts, moved by the pointer or the arrows.

import { useApp } from "../../state/app";

const LEAST = 15;
const MOST = 85;

export function Splitter({ whole }: { whole: { current: HTMLElement | null } }) {
  const app = useApp();
  const { split } = app.view.value;
  const move = (percent: number) => app.change({ split: Math.round(Math.min(MOST, Math.max(LEAST, percent))) }, true);
  const start = (event: PointerEvent) => {
    const bar = event.currentTarget as HTMLElement;
    bar.setPointerCapture(event.pointerId);
    const drag = (moved: PointerEvent) => {
      const box = whole.current?.getBoundingClientRect();
      if (box) move(((moved.clientX - box.left) / box.width) * 100);
    };
    bar.addEventListener("pointermove", drag);
    bar.addEventListener("lostpointercapture", () => bar.removeEventListener("pointermove", drag), { once: true });
  };
  const keys = (event: KeyboardEvent) => {
    const step = event.key === "ArrowRight" ? 2 : event.key === "ArrowLeft" ? -2 : 0;
    if (!step) return;
    event.preventDefault();
    move(split + step);
  };
  return (
    <div
      class="rs-splitter"
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the table"
      aria-valuenow={split}
      aria-valuemin={LEAST}
      aria-valuemax={MOST}
      tabIndex={0}
      onPointerDown={start}
      onKeyDown={keys}
      onDblClick={() => app.change({ split: 45 })}
    />
  );
}
