// The page as a guest in a notebook: shown in a cell's output, over the comm of its widget.

import { CommSource, type Said } from "../data/comm";
import { mount } from "../mount";
import { followHost } from "../theme/host";
import type { Model } from "./model";
import { still } from "./still";
import "./guest.css";

const STALLED = 3000; // milliseconds without an answer

/** Show what the widget is of in an element; gives the function that takes it away again, and every listener. */
export function show(model: Model, el: HTMLElement): () => void {
  const source = new CommSource({
    send: (message) => model.send(message),
    hear: (heard) => {
      const listen = (message: Said, buffers: DataView[]): void => heard(message, buffers);
      model.on("msg:custom", listen);
      return () => model.off("msg:custom", listen);
    },
  });
  const left = followHost();
  const relieved = relieve(model, el, source);
  const gone = mount(el, source, {
    bare: true,
    view: seen.get(model) ?? String(model.get("_place")),
    seen: (view) => void seen.set(model, view),
  });
  return () => {
    gone();
    relieved();
    source.close();
    left();
  };
}

/** The view that was shown last: a cell's output may be drawn anew at any time. */
const seen = new WeakMap<Model, string>();

/** Show the kernel's own picture above the page for as long as the kernel, busy with a cell, does not answer. */
function relieve(model: Model, el: HTMLElement, source: CommSource): () => void {
  let close: (() => void) | null = null;
  const timer = setInterval(() => {
    const stalled = source.waited() > STALLED;
    if (stalled === (close !== null)) return;
    if (stalled) close = still(model, el.parentElement ?? el);
    else {
      close?.();
      close = null;
    }
  }, 1000);
  return () => {
    clearInterval(timer);
    close?.();
  };
}
