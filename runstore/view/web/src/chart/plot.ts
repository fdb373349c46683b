// One chart's drawing: uPlot's axes, cursor and selection, with our curves between them. It knows nothing of data.

import uPlot from "uplot";
import { axesOf, inkOf } from "./axes";
import type { Curve, Range } from "./curve";
import { placing } from "./paint";
import { Surface } from "./surface";

export interface Kind {
  x: string;
  logX: boolean;
  logY: boolean;
}

export interface Doings {
  /** The pointer stands at x, so many pixels from the top; null when it left. */
  pointed(x: number | null, top: number): void;
  clicked(): void;
  /** A box was drawn; an end that is null stays as it is. */
  boxed(x: Range | null, y: Range | null): void;
  reset(): void;
  /** The wheel: around a place of x, by a factor. */
  wheeled(at: number, factor: number): void;
  /** The chart was dragged by a share of its width and height. */
  dragged(x: number, y: number): void;
}

export interface Picture {
  x: Range;
  y: Range;
  curves: readonly Curve[];
  hovered: string | null;
  raw: boolean;
}

export class Plot {
  readonly uplot: uPlot;
  private readonly surface: Surface;
  private picture: Picture | null = null;
  private readonly listening = new AbortController();

  constructor(
    parent: HTMLElement,
    readonly kind: Kind,
    width: number,
    height: number,
    private readonly doings: Doings,
  ) {
    this.uplot = new uPlot(this.options(parent, width, height), [[1, 2], [1, 2]], parent); // prettier-ignore
    this.surface = new Surface(this.uplot.over);
    const { over } = this.uplot;
    const { signal } = this.listening;
    let from: MouseEvent | null = null;
    over.addEventListener("wheel", (event) => this.wheel(event), { passive: false, signal });
    over.addEventListener("mousedown", (event) => (from = event), { signal });
    over.addEventListener("click", (event) => still(from, event) && this.doings.clicked(), { signal });
  }

  show(picture: Picture, moving = false): void {
    const before = this.picture;
    this.picture = picture;
    if (before === null || !same(before.x, picture.x) || !same(before.y, picture.y)) {
      this.uplot.batch(() => {
        this.uplot.setScale("x", { min: picture.x.low, max: picture.x.high });
        this.uplot.setScale("y", { min: picture.y.low, max: picture.y.high });
      });
    }
    this.draw(moving);
  }

  resize(width: number, height: number): void {
    this.uplot.setSize({ width, height });
    this.draw(false);
  }

  /** Where x and y stand in the plotting area, in CSS pixels. */
  left(x: number): number {
    return this.picture === null ? NaN : placing(this.picture.x, this.uplot.over.clientWidth, this.kind.logX)(x);
  }

  top(y: number): number {
    const { clientHeight } = this.uplot.over;
    return this.picture === null ? NaN : clientHeight - placing(this.picture.y, clientHeight, this.kind.logY)(y);
  }

  destroy(): void {
    this.listening.abort();
    this.surface.destroy();
    this.uplot.destroy();
  }

  private draw(moving: boolean): void {
    if (this.picture === null) return;
    const { clientWidth: width, clientHeight: height } = this.uplot.over;
    const { logX, logY } = this.kind;
    this.surface.show({ ...this.picture, width, height, logX, logY }, moving);
  }

  private options(parent: HTMLElement, width: number, height: number): uPlot.Options {
    const { x, logX, logY } = this.kind;
    return {
      width,
      height,
      legend: { show: false },
      padding: [8, 14, 0, 0],
      series: [{}, { show: false, scale: "y" }],
      scales: {
        x: { time: x === "time" && !logX, distr: logX ? 3 : 1, range: (_, low, high) => [low, high] },
        y: { distr: logY ? 3 : 1, range: (_, low, high) => [low ?? 1, high ?? 2] },
      },
      axes: axesOf(inkOf(parent), x, logX, logY),
      cursor: {
        x: false, // the crosshair may stand where the pointer is not
        y: false,
        points: { show: false },
        drag: { x: true, y: true, uni: 24, setScale: false, dist: 4 },
        bind: {
          mousedown: (_, __, pressed) => (event) => (event.shiftKey || event.button === 1 ? this.drag(event) : pressed(event)),
          mousemove: (_, __, moved) => (event) => (moved(event), this.pointed(event), null),
          mouseleave: (_, __, left) => (event) => (left(event), this.doings.pointed(null, 0), null),
          dblclick: () => () => (this.doings.reset(), null),
        },
      },
      hooks: { setSelect: [() => this.selected()] },
    };
  }

  private pointed(event: MouseEvent): void {
    const { left, top } = this.uplot.over.getBoundingClientRect();
    this.doings.pointed(this.uplot.posToVal(event.clientX - left, "x"), event.clientY - top);
  }

  private selected(): void {
    const { left, top, width, height } = this.uplot.select;
    if (width < 4 && height < 4) return;
    const { clientWidth, clientHeight } = this.uplot.over;
    const along = (key: string, from: number, to: number): Range => {
      const [a, b] = [this.uplot.posToVal(from, key), this.uplot.posToVal(to, key)];
      return { low: Math.min(a, b), high: Math.max(a, b) };
    };
    const x = width > 3 && width < clientWidth - 2 ? along("x", left, left + width) : null;
    const y = height > 3 && height < clientHeight - 2 ? along("y", top, top + height) : null;
    this.uplot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.doings.boxed(x, y);
  }

  /** The wheel zooms where the chart has the focus, fills the page or a key says so; else the page scrolls as ever. */
  private wheel(event: WheelEvent): void {
    const place = this.uplot.root.parentElement;
    const meant = place?.contains(document.activeElement) || place?.closest(".rs-full");
    if (!meant && !event.ctrlKey && !event.metaKey && !event.altKey) return;
    event.preventDefault();
    const { left } = this.uplot.over.getBoundingClientRect();
    const lines = event.deltaMode === 1 ? 30 : 1;
    const delta = Math.max(-200, Math.min(200, event.deltaY * lines));
    if (event.shiftKey) this.doings.dragged(-(event.deltaY || event.deltaX) / 800, 0);
    else this.doings.wheeled(this.uplot.posToVal(event.clientX - left, "x"), 2 ** (delta / 250));
  }

  private drag(event: MouseEvent): null {
    let [x, y] = [event.clientX, event.clientY];
    const { clientWidth, clientHeight } = this.uplot.over;
    const move = (next: MouseEvent): void => {
      this.doings.dragged((next.clientX - x) / clientWidth, (next.clientY - y) / clientHeight);
      [x, y] = [next.clientX, next.clientY];
    };
    const end = (): void => window.removeEventListener("mousemove", move);
    window.addEventListener("mousemove", move, { signal: this.listening.signal });
    window.addEventListener("mouseup", end, { once: true, signal: this.listening.signal });
    return null;
  }
}

/** Whether the pointer stayed where it was pressed: a click, and no drag. */
function still(from: MouseEvent | null, to: MouseEvent): boolean {
  return from !== null && Math.hypot(to.clientX - from.clientX, to.clientY - from.clientY) < 4;
}

function same(one: Range, other: Range): boolean {
  return one.low === other.low && one.high === other.high;
}
