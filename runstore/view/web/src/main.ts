// The page's first module: it asks for what will be seen first, loads the page, and puts it into the document.

import { HttpSource } from "./data/http";
import { takeToken } from "./data/token";
import { opening } from "./pages/runs/opening";
import { read } from "./state/url";

const PATIENCE = 150; // milliseconds

const place = document.getElementById("page");
if (place !== null) {
  const token = takeToken();
  const source = new HttpSource(token);
  const locked = new Promise<void>((done) => (source.locked = done));
  const asked = opening(source, read(window.location.hash)).catch(() => undefined); // whoever asks for it is told
  const { mount, shut } = await import("./page");
  // Putting the page together keeps the browser busy: the first curves are asked for before, and are there with it.
  await Promise.race([asked, new Promise((done) => setTimeout(done, PATIENCE))]);
  const away = mount(place, source, { whole: true });
  void locked.then(() => {
    away();
    shut(place, token !== "");
  });
}
