// The page's first module: it puts the page into the document. The first runs are asked for before their page is loaded.

import { HttpSource } from "./data/http";
import { takeToken } from "./data/token";
import { mount } from "./mount";
import { shut } from "./parts/door";
import { read } from "./state/url";
import { queryOf, questionOf } from "./table/question";

const place = document.getElementById("page");
if (place !== null) {
  const token = takeToken();
  const source = new HttpSource(token);
  const view = read(window.location.hash);
  if (view.page === "runs") source.ahead("runs", queryOf(questionOf(view), view.where, 0));
  const away = mount(place, source, { whole: true });
  source.locked = () => {
    source.locked = () => undefined;
    away();
    shut(place, token !== "");
  };
}
