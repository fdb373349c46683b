// Quantiles of numbers that are in no order: a chart asks for five of ten thousands each time that it moves, and sorting
// them takes four times as long.

/** The value below which this share of the values lies (the nearest one there is); NaN of none. It changes their order. */
export function quantile(values: Float64Array, share: number): number {
  if (!values.length) return NaN;
  const place = Math.round(share * (values.length - 1));
  let [from, to] = [0, values.length - 1];
  while (from < to) {
    const [low, high] = parted(values, from, to);
    if (place <= low) to = low;
    else if (place >= high) from = high;
    else break;
  }
  return values[place]!;
}

/** Put what is less than the middle one before what is greater; where the one ends and the other begins (C. A. R. Hoare, Find, 1961). */
function parted(values: Float64Array, from: number, to: number): [number, number] {
  const middle = values[(from + to) >> 1]!;
  while (from <= to) {
    while (values[from]! < middle) from++;
    while (values[to]! > middle) to--;
    if (from <= to) {
      [values[from], values[to]] = [values[to]!, values[from]!];
      from++;
      to--;
    }
  }
  return [to, from];
}
