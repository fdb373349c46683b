// The canvas that curves are drawn on. While something moves it is drawn at one pixel per CSS pixel and in thin lines, and
// sharpened when it rests: at twice the density a frame takes four times as long where no GPU helps, with lines of more
// than a pixel twice as long.

import { drawn } from "./first";
import { paint, standOut, type Scene } from "./paint";

const REST = 160; // milliseconds without a move

/** What is to be drawn, and which curve stands out. */
export type Shown = Omit<Scene, "density" | "moving"> & { hovered: string | null };

export class Surface {
  readonly canvas = document.createElement("canvas");
  private scene: Shown | null = null;
  private readonly ground = document.createElement("canvas"); // all curves, faint: whichever stands out, it stands on these
  private grounded: Scene | null = null;
  private frame = 0;
  private rest = 0;
  private moving = false;

  constructor(parent: HTMLElement) {
    this.canvas.className = "rs-chart-curves";
    parent.prepend(this.canvas);
  }

  /** Draw in the next frame; `moving` says that more will follow at once. */
  show(scene: Shown, moving = false): void {
    this.scene = scene;
    if (moving) {
      this.moving = true;
      clearTimeout(this.rest);
      this.rest = window.setTimeout(() => this.sharpen(), REST);
    }
    if (!this.frame) this.frame = requestAnimationFrame(() => this.draw());
  }

  destroy(): void {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.rest);
    for (const canvas of [this.canvas, this.ground]) canvas.width = canvas.height = 0; // lets go of its memory at once
    this.canvas.remove();
  }

  private sharpen(): void {
    this.moving = false;
    if (!this.frame) this.frame = requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    this.frame = 0;
    const context = this.canvas.getContext("2d");
    if (this.scene === null || context === null) return;
    const { width, height } = this.scene;
    const density = this.moving ? 1 : Math.max(1, window.devicePixelRatio || 1);
    const [w, h] = [Math.round(width * density), Math.round(height * density)];
    if (this.canvas.width !== w || this.canvas.height !== h) {
      this.canvas.width = w;
      this.canvas.height = h;
      this.canvas.style.width = `${width}px`;
      this.canvas.style.height = `${height}px`;
    }
    const { hovered, ...shown } = this.scene;
    this.paint(context, { ...shown, density, moving: this.moving }, hovered);
    if (this.scene.curves.length) drawn();
    const ends = this.scene.curves.map(({ series }) => series.high ?? -Infinity);
    this.canvas.dataset["until"] = String(Math.max(...ends)); // for who looks on: how far what is drawn goes
  }

  private paint(context: CanvasRenderingContext2D, scene: Scene, hovered: string | null): void {
    const stands = scene.curves.find((curve) => curve.id === hovered);
    if (!stands) return paint(context, scene);
    if (scene.moving) {
      paint(context, scene, true); // the next frame has none of it
      return standOut(context, scene, stands);
    }
    if (!this.grounded || !alike(scene, this.grounded)) {
      this.ground.width = this.canvas.width;
      this.ground.height = this.canvas.height;
      paint(this.ground.getContext("2d")!, scene, true);
      this.grounded = scene;
    }
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.globalAlpha = 1;
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.drawImage(this.ground, 0, 0);
    standOut(context, scene, stands);
  }
}

/** Whether two scenes are drawn the same. */
function alike(one: Scene, other: Scene): boolean {
  const same = (key: keyof Scene): boolean => (key === "x" || key === "y" ? one[key].low === other[key].low && one[key].high === other[key].high : one[key] === other[key]);
  return (Object.keys(one) as (keyof Scene)[]).every(same);
}
