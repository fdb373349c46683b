// The widget's first module. It is small, since every widget carries it and a saved notebook keeps it: it shows the
// picture that the kernel drew, asks the kernel for the page itself unless another widget did, and puts it in its place.

import type { Model } from "./model";
import { still } from "./still";

interface Whole {
  show(model: Model, el: HTMLElement): () => void;
}

interface Code {
  kind: "code";
  version: string;
}

interface View {
  el: HTMLElement;
  close(): void;
}

const SHARED = Symbol.for("runstore.notebook");
type Shared = typeof globalThis & { [SHARED]?: Map<string, Promise<Whole>> };
const known = ((globalThis as Shared)[SHARED] ??= new Map<string, Promise<Whole>>());
const views = new WeakMap<Model, Set<View>>();

export default {
  render({ model, el }: { model: Model; el: HTMLElement }): () => void {
    const place = document.createElement("div");
    place.className = "rs-notebook";
    el.append(place);
    let close = still(model, el);
    let gone = false;
    code(model).then(
      (whole) => {
        if (gone) return;
        close();
        place.style.height = `${Number(model.get("_height"))}px`;
        close = whole.show(model, place);
      },
      () => undefined, // there is no kernel that could say: the picture stays
    );
    return kept(model, {
      el: place,
      close: () => {
        gone = true;
        close();
      },
    });
  },
};

/** Close a view once: when it is told to, or when the output that it was in has been drawn anew without telling it. */
function kept(model: Model, view: View): () => void {
  const mine = views.get(model) ?? new Set<View>();
  views.set(model, mine.add(view));
  const end = (one: View): void => {
    if (mine.delete(one)) one.close();
  };
  setTimeout(() => {
    for (const one of mine) if (one !== view && !one.el.isConnected) end(one);
  }, 1000);
  return () => end(view);
}

/** The page, of this version: as another widget got it, or asked for. A model without a kernel never gets it. */
function code(model: Model): Promise<Whole> {
  const version = String(model.get("_version"));
  return known.get(version) ?? new Promise<Whole>((done, failed) => {
    const heard = (message: Code, buffers: DataView[]): void => {
      if (message.kind !== "code" || message.version !== version) return;
      model.off("msg:custom", heard);
      if (!known.has(version)) known.set(version, loaded(version, buffers));
      known.get(version)!.then(done, failed);
    };
    model.on("msg:custom", heard);
    model.send({ kind: "code" });
  }); // prettier-ignore
}

async function loaded(version: string, [script, style]: DataView[]): Promise<Whole> {
  const sheet = document.createElement("style");
  sheet.dataset["runstore"] = version;
  sheet.textContent = new TextDecoder().decode(style);
  document.head.append(sheet);
  const url = URL.createObjectURL(new Blob([script as DataView<ArrayBuffer>], { type: "text/javascript" }));
  try {
    return (await import(/* webpackIgnore: true */ url)) as Whole;
  } finally {
    URL.revokeObjectURL(url);
  }
}
