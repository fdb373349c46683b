// The page's first module: it puts the page into the document.

import { HttpSource } from "./data/http";
import { takeToken } from "./data/token";
import { mount } from "./mount";

const place = document.getElementById("page");
if (place !== null) mount(place, new HttpSource(takeToken()), { whole: true });
