// The whole page as one module, for those who can load no second file: a report opens itself, a notebook mounts it.

import { open } from "./report/open";

export { mount } from "./mount";
export { show } from "./notebook/widget";

const page = document.documentElement.dataset["runstore"] === "report" ? document.getElementById("page") : null;
if (page !== null) void open(page);
