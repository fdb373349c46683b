// What the page in one module gives to those who load no second file.

export { mount } from "./mount";
export { show } from "./notebook/widget";
