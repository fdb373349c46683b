// The picture that the kernel draws of a widget, and draws anew as long as what is shown goes on.

import type { Model } from "./model";

/** Show it in an element; gives the function that takes it away. */
export function still(model: Model, el: HTMLElement): () => void {
  const image = document.createElement("img");
  image.className = "rs-still";
  image.style.maxWidth = "100%";
  const draw = (): void => {
    image.src = `data:image/svg+xml,${encodeURIComponent(String(model.get("_still")))}`;
    image.alt = String(model.get("_said"));
  };
  draw();
  model.on("change:_still", draw);
  el.prepend(image);
  return () => {
    model.off("change:_still", draw);
    image.remove();
  };
}
