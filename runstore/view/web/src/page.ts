// The page itself, and what stands in its place for whoever may not see it: loaded while its first answers are on their way.

export { mount } from "./mount";
export { shut } from "./parts/door";
