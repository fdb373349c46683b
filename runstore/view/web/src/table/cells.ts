// Values as a person reads them.

import type { ColumnType } from "./columns";

/** A value of a column as text. What is not there is an empty text. */
export function shown(value: unknown, type: ColumnType, now: number = Date.now()): string {
  if (value === null || value === undefined) return "";
  if (type === "number" && typeof value === "number") return figure(value);
  if (type === "duration" && typeof value === "number") return duration(value);
  if (type === "time" && typeof value === "string") return ago(value, now);
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** A number with as many digits as tell something. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e15) return size < 1e5 ? String(value) : value.toLocaleString("en");
  if (size !== 0 && (size < 1e-3 || size >= 1e7)) return value.toExponential(3).replace("e+", "e");
  return String(Number(value.toPrecision(5)));
}

/** A span of seconds, in the two units that matter most. */
export function duration(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${Number(seconds.toFixed(seconds < 10 ? 1 : 0))} s`;
  const [days, hours, minutes] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  if (days) return `${days} d ${hours} h`;
  return hours ? `${hours} h ${minutes} min` : `${minutes} min ${Math.floor(seconds % 60)} s`;
}

/** How long ago a moment was; its date when that is longer ago than a week. */
export function ago(time: string, now: number = Date.now()): string {
  const then = Date.parse(/[zZ]|[+-]\d\d:\d\d$/.test(time) ? time : `${time}Z`);
  if (Number.isNaN(then)) return time;
  const seconds = (now - then) / 1000;
  if (seconds < 0 || seconds > 7 * 86400) return new Date(then).toISOString().slice(0, 16).replace("T", " ");
  if (seconds < 60) return "just now";
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86400)} d ago`;
}
