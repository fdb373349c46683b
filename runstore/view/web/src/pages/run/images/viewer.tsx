/** One image to look at closely: zoomed by the wheel, moved by the pointer, the values of its pixels told. */

import { useEffect, useRef, useState } from "preact/hooks";
import { Button } from "../buttons";
import { fitted, pixel, zoomed } from "./steps";

interface View {
  scale: number;
  left: number;
  top: number;
}

interface Size {
  width: number;
  height: number;
}

export function Viewer({ url, name }: { url: string; name: string }) {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [image, setImage] = useState<HTMLImageElement | null>(null);
  const [view, setView] = useState<View>({ scale: 1, left: 0, top: 0 });
  const [told, setTold] = useState("");
  const grip = useRef<{ x: number; y: number; view: View } | null>(null);

  useEffect(() => {
    const made = new Image();
    made.onload = () => setImage(made);
    made.src = url;
  }, [url]);
  const fit = (): void => {
    if (image && box.current) setView(fitted(sizeOf(image), { width: box.current.clientWidth, height: box.current.clientHeight }));
  };
  useEffect(fit, [image]);
  useEffect(() => {
    if (!image || !canvas.current) return;
    const { width, height } = sizeOf(image);
    Object.assign(canvas.current, { width, height });
    canvas.current.getContext("2d", { willReadFrequently: true })?.drawImage(image, 0, 0);
  }, [image]);

  const point = (event: MouseEvent): { x: number; y: number } => {
    const frame = box.current!.getBoundingClientRect();
    return { x: event.clientX - frame.left, y: event.clientY - frame.top };
  };
  const wheel = (event: WheelEvent): void => {
    event.preventDefault();
    setView(zoomed(view, point(event), Math.exp(-event.deltaY / 300)));
  };
  const move = (event: PointerEvent): void => {
    if (grip.current) {
      const { x, y, view: start } = grip.current;
      setView({ ...start, left: start.left + event.clientX - x, top: start.top + event.clientY - y });
    } else if (image) setTold(read(canvas.current, point(event), view, sizeOf(image)));
  };
  const middle = (factor: number): void => {
    const { clientWidth, clientHeight } = box.current!;
    setView(zoomed(view, { x: clientWidth / 2, y: clientHeight / 2 }, factor));
  };
  const keys = (event: KeyboardEvent): void => {
    const by = { ArrowLeft: [40, 0], ArrowRight: [-40, 0], ArrowUp: [0, 40], ArrowDown: [0, -40] }[event.key];
    if (by) setView({ ...view, left: view.left + by[0]!, top: view.top + by[1]! });
    else if (event.key === "+" || event.key === "=") middle(1.5);
    else if (event.key === "-") middle(1 / 1.5);
    else if (event.key === "0") fit();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="rp-viewer">
      <div class="rp-stage" ref={box} tabIndex={0} role="img" aria-label={name} onWheel={wheel} onKeyDown={keys}
        onPointerDown={(event) => { grip.current = { x: event.clientX, y: event.clientY, view }; }}
        onPointerUp={() => { grip.current = null; }} onPointerMove={move}
        onPointerLeave={() => { grip.current = null; setTold(""); }} onDblClick={fit}>
        <canvas ref={canvas} class={view.scale >= 2 ? "rp-pixels" : undefined}
          style={{ transform: `translate(${view.left}px, ${view.top}px) scale(${view.scale})` }} />
      </div>
      <div class="rp-row rp-bar">
        <Button kind="quiet" onClick={() => middle(1 / 1.5)} title="Smaller (-)">−</Button>
        <span class="rp-code">{Math.round(view.scale * 100)} %</span>
        <Button kind="quiet" onClick={() => middle(1.5)} title="Larger (+)">+</Button>
        <Button kind="quiet" onClick={fit} title="Fit (0)">Fit</Button>
        <Button kind="quiet" onClick={() => middle(1 / view.scale)}>1:1</Button>
        <span class="rp-spring" />
        {image && <span class="rs-muted">{sizeOf(image).width} × {sizeOf(image).height}</span>}
        <output class="rp-code rp-told">{told}</output>
      </div>
    </div>
  );
}

function sizeOf(image: HTMLImageElement): Size {
  return { width: image.naturalWidth || 300, height: image.naturalHeight || 150 };
}

/** The place and the value of the pixel under a point. */
function read(canvas: HTMLCanvasElement | null, point: { x: number; y: number }, view: View, image: Size): string {
  const at = pixel(point, view, image);
  const found = at && canvas?.getContext("2d")?.getImageData(at.x, at.y, 1, 1).data;
  if (!at || !found) return "";
  const [r, g, b, a] = found;
  const value = r === g && g === b ? `grey ${r}` : `R ${r} G ${g} B ${b}`;
  return `x ${at.x}, y ${at.y}: ${value}${a === 255 ? "" : `, alpha ${a}`}`;
}
