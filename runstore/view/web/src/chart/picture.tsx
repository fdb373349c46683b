// An ECharts picture in the page: loaded when it is near, resized with its place, taken away whole.

import { useEffect, useRef, useState } from "preact/hooks";
import type { ECharts } from "./engine";
import { inkOf, type Ink } from "./axes";
import { useNear, useSize } from "./placed";
import { dark } from "../theme/scheme";

export interface Target {
  seriesIndex?: number;
  dataIndex?: number;
  event?: { offsetX: number; offsetY: number };
}

interface Props {
  /** What the picture shows, in one sentence. */
  summary: string;
  /** What ECharts is told; it depends on the theme's ink. */
  option(ink: Ink & { surface: string; strong: string }): object;
  /** What the option depends on. */
  of: readonly unknown[];
  /** What only the looks of its series depend on, as on what is hovered: brushes stay. */
  looks?: readonly unknown[];
  onHover?(target: Target | null): void;
  onClick?(target: Target): void;
  /** Called once with the chart, for events of its own. */
  onReady?(chart: ECharts): void;
}

export function Picture({ summary, option, of, looks = [], onHover, onClick, onReady }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const near = useNear(place);
  const size = useSize(place);
  const [chart, setChart] = useState<ECharts | null>(null);
  const [failed, setFailed] = useState("");
  const heard = useRef({ onHover, onClick });
  heard.current = { onHover, onClick };
  const ready = near && size.width > 40 && size.height > 40;

  useEffect(() => {
    if (!ready) return;
    let made: ECharts | null = null;
    let gone = false;
    const start = async (): Promise<void> => {
      const { init } = await import("./engine");
      if (gone || place.current === null) return;
      made = init(place.current, null, { renderer: "canvas", useDirtyRect: false });
      made.on("mouseover", (target: unknown) => heard.current.onHover?.(target as Target));
      made.on("mouseout", () => heard.current.onHover?.(null));
      made.on("click", (target: unknown) => heard.current.onClick?.(target as Target));
      onReady?.(made);
      setChart(made);
    };
    start().catch((error: Error) => setFailed(error.message));
    return () => {
      gone = true;
      made?.dispose();
      setChart(null);
    };
  }, [ready]);

  useEffect(() => chart?.resize({ width: size.width, height: size.height }), [chart, size.width, size.height]);
  const told = (): { series?: unknown } => {
    const style = getComputedStyle(place.current!);
    const token = (name: string): string => style.getPropertyValue(name).trim();
    return option({ ...inkOf(place.current!), surface: token("--raised"), strong: token("--text") });
  };
  useEffect(() => chart?.setOption({ animation: false, ...told() }, { notMerge: true }), [chart, dark.value, ...of]);
  useEffect(() => chart?.setOption({ series: told().series as object[] }), looks);

  return (
    <>
      <div class="rs-picture" ref={place} role="img" aria-label={summary} />
      {failed && <p class="rs-chart-state rs-failed">{failed}</p>}
    </>
  );
}
