// Numbers as people read them: on axes, in tables, spoken.

const GROUPED = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const WORDS: readonly [number, string][] = [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]]; // prettier-ignore

/** A value to `digits` significant digits: 0.2134, 12,345, 1.2e-7. */
export function value(number: number, digits = 4): string {
  if (Number.isNaN(number)) return "NaN";
  if (!Number.isFinite(number)) return number > 0 ? "∞" : "−∞";
  if (number === 0) return "0";
  const size = Math.abs(number);
  if (size >= 1e15 || size < 1e-4) return minus(tidy(number.toExponential(digits - 1)));
  if (size >= 10 ** digits) return minus(GROUPED.format(number));
  return minus(tidy(number.toPrecision(digits)));
}

/** Steps and counts: whole, with commas. */
export function whole(number: number): string {
  return Number.isInteger(number) ? minus(GROUPED.format(number)) : value(number, 6);
}

/** A number on an axis whose ticks are `step` apart and reach to `most`: all in one unit. */
export function tick(number: number, step: number, most = number): string {
  if (number === 0) return "0";
  const size = Math.abs(number);
  const reach = Math.max(size, Math.abs(most));
  if (reach < 1e-4 || step < 1e-6 * size || reach >= 1e15) return minus(tidy(number.toExponential(exponentDigits(number, step))));
  for (const [unit, name] of WORDS) if (reach >= (unit > 1e3 ? unit : 10 * unit)) return minus(fixed(number / unit, step / unit)) + name;
  return minus(fixed(number, step));
}

/** A number with as many digits as tell it from others `step` away. */
export function fixedDigits(number: number, step: number): string {
  if (Number.isInteger(number)) return whole(number);
  return value(number, Math.min(15, Math.ceil(Math.log10(Math.abs(number) / step)) + 1));
}

/** A tick of a logarithmic axis: 0.001, 1, 10k. */
export function magnitude(number: number): string {
  const size = Math.abs(number);
  if (size >= 1e15 || size < 1e-4) return minus(tidy(number.toExponential(2)));
  for (const [unit, name] of WORDS) if (size >= unit) return tidy((number / unit).toPrecision(4)) + name;
  return minus(tidy(number.toPrecision(4)));
}

function fixed(number: number, step: number): string {
  const digits = step >= 1 ? (Number.isInteger(step) ? 0 : 1) : Math.min(12, Math.ceil(-Math.log10(step) - 1e-9));
  const exact = Math.abs(step * 10 ** digits - Math.round(step * 10 ** digits)) < 1e-6 ? digits : digits + 1;
  return number.toFixed(exact);
}

function exponentDigits(number: number, step: number): number {
  return Math.max(0, Math.min(12, Math.ceil(Math.log10(Math.abs(number) / step))));
}

/** Without the zeros at the end that say nothing. */
function tidy(text: string): string {
  const [digits = "", power] = text.split("e");
  const short = digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits;
  return power === undefined ? short : `${short}e${power.replace("+", "")}`;
}

function minus(text: string): string {
  return text.replace(/^-/, "−");
}

/** A duration in seconds: 0.25 s, 42 s, 3m 05s, 2h 10m, 3d 4h. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return value(seconds);
  const sign = seconds < 0 ? "−" : "";
  const size = Math.abs(seconds);
  if (size < 60) return `${sign}${tidy(size.toPrecision(size < 10 ? 2 : 3))} s`;
  const s = Math.round(size);
  if (s < 3600) return `${sign}${Math.floor(s / 60)}m${s % 60 ? ` ${two(s % 60)}s` : ""}`;
  const minutes = Math.round(s / 60);
  if (s < 86_400) return `${sign}${Math.floor(minutes / 60)}h${minutes % 60 ? ` ${two(minutes % 60)}m` : ""}`;
  const hours = Math.round(s / 3600);
  return `${sign}${Math.floor(hours / 24)}d${hours % 24 ? ` ${hours % 24}h` : ""}`;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}

/** A moment, given in seconds since 1970, in the reader's time zone. */
export function moment(seconds: number): string {
  const at = new Date(seconds * 1000);
  if (Number.isNaN(at.getTime())) return value(seconds);
  const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${date} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** A moment on a time axis whose ticks are `step` seconds apart: the time of day, at midnight the day. */
export function clock(seconds: number, step: number): string {
  const at = new Date(seconds * 1000);
  const day = `${MONTHS[at.getMonth()]} ${at.getDate()}`;
  if (step >= 28 * 86_400) return `${MONTHS[at.getMonth()]} ${at.getFullYear()}`;
  if (step >= 86_400 || (at.getHours() === 0 && at.getMinutes() === 0 && at.getSeconds() === 0)) return day;
  const time = `${two(at.getHours())}:${two(at.getMinutes())}`;
  return step >= 60 ? time : `${time}:${two(at.getSeconds())}`;
}

/** A place on an x axis, as it is read out. */
export function place(x: number, kind: string): string {
  if (kind === "time") return moment(x);
  if (kind === "relative") return duration(x);
  return kind === "step" ? `step ${whole(Math.round(x))}` : `${kind} ${value(x)}`;
}

/** `1 point`, `3 points`, `1,200 points`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${whole(count)} ${count === 1 ? one : many}`;
}
