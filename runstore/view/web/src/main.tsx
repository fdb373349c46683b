// The page's first module: it puts the page into the document.

import { HttpSource } from "./data/http";
import { takeToken } from "./data/token";
import { mount } from "./mount";
import { shut } from "./parts/door";

const place = document.getElementById("page");
if (place !== null) {
  const token = takeToken();
  const source = new HttpSource(token);
  const away = mount(place, source, { whole: true });
  source.locked = () => {
    source.locked = () => undefined;
    away();
    shut(place, token !== "");
  };
}
