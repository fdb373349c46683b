// The widget's first module. It is small, since every widget carries it and a saved notebook keeps it: it shows the
// picture that the kernel drew, asks the kernel for the page itself unless another widget did, and puts it in its place.

import type { Model } from "./model";

interface Whole {
  show(model: Model, el: HTMLElement): () => void;
}

interface Code {
  kind: "code";
  version: string;
}

const SHARED = Symbol.for("runstore.notebook");
type Shared = typeof globalThis & { [SHARED]?: Map<string, Promise<Whole>> };
const known = ((globalThis as Shared)[SHARED] ??= new Map<string, Promise<Whole>>());

export default {
  render({ model, el }: { model: Model; el: HTMLElement }): () => void {
    const place = document.createElement("div");
    place.className = "rs-notebook";
    const still = picture(model);
    el.append(still.image, place);
    let close = still.close;
    let gone = false;
    code(model).then(
      (whole) => {
        if (gone) return;
        still.close();
        place.style.height = `${Number(model.get("_height"))}px`;
        close = whole.show(model, place);
      },
      () => undefined, // there is no kernel that could say: the picture stays
    );
    return () => {
      gone = true;
      close();
    };
  },
};

/** What the kernel drew, and draws anew as long as nothing else is shown. */
function picture(model: Model): { image: HTMLImageElement; close(): void } {
  const image = document.createElement("img");
  image.className = "rs-still";
  image.style.maxWidth = "100%";
  const draw = (): void => {
    image.src = `data:image/svg+xml,${encodeURIComponent(String(model.get("_still")))}`;
    image.alt = String(model.get("_said"));
  };
  draw();
  model.on("change:_still", draw);
  return {
    image,
    close: () => {
      model.off("change:_still", draw);
      image.remove();
    },
  };
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
