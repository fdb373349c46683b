// The canvas that curves are drawn on. While something moves it is drawn at one pixel per CSS pixel, and sharpened when
// it rests: at twice the density a frame takes four times as long where no GPU helps.

import { drawn } from "./first";
import { paint, type Scene } from "./paint";

const REST = 160; // milliseconds without a move

export class Surface {
  readonly canvas = document.createElement("canvas");
  private scene: Omit<Scene, "density"> | null = null;
  private frame = 0;
  private rest = 0;
  private moving = false;

  constructor(parent: HTMLElement) {
    this.canvas.className = "rs-chart-curves";
    parent.prepend(this.canvas);
  }

  /** Draw in the next frame; `moving` says that more will follow at once. */
  show(scene: Omit<Scene, "density">, moving = false): void {
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
    this.canvas.width = this.canvas.height = 0; // lets go of its memory at once
    this.canvas.remove();
  }

  private sharpen(): void {
    this.moving = false;
    if ((window.devicePixelRatio || 1) > 1 && !this.frame) this.frame = requestAnimationFrame(() => this.draw());
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
    paint(context, { ...this.scene, density });
    if (this.scene.curves.length) drawn();
    const ends = this.scene.curves.map(({ series }) => series.high ?? -Infinity);
    this.canvas.dataset["until"] = String(Math.max(...ends)); // for who looks on: how far what is drawn goes
  }
}
