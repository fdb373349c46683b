// Smoothing of bucket means: what an exponential mean over all points would show, from few numbers. The server does the
// same in query/smoothing.py; here it costs no request, so the slider moves at once.

import { finite } from "./curve";
import type { Series } from "../data/frame";

/**
 * The exponential mean after each bucket, corrected for its start. A bucket of n points moves it as n points of the
 * bucket's mean would: what was before keeps `weight` to the n-th power. NaN where there is no finite point; such a
 * bucket changes nothing, so the line goes on behind a gap where it was.
 */
export function smooth(series: Series, weight: number): Float64Array {
  const line = Float64Array.from(series.mean);
  let total = 0; // how much weight is in the mean
  let smoothed = 0;
  for (let place = 0; place < series.n; place++) {
    const count = finite(series, place);
    const mean = line[place]!;
    if (count <= 0 || !Number.isFinite(mean)) {
      line[place] = NaN;
    } else if (weight > 0) {
      const kept = weight ** count;
      const share = (1 - kept) / (kept * total + 1 - kept);
      if (mean !== smoothed) smoothed = (1 - share) * smoothed + share * mean; // what is constant stays exactly so
      total = kept * total + 1 - kept;
      line[place] = smoothed;
    }
  }
  return line;
}

/** What a slider from 0 to 1 means: most of the way is spent where the eye sees a difference. */
export function weightOf(slider: number): number {
  return slider <= 0 ? 0 : Math.min(0.9999, 1 - 10 ** (-4 * slider));
}

/** Where the slider stands for a weight. */
export function sliderOf(weight: number): number {
  return weight <= 0 ? 0 : Math.min(1, -Math.log10(1 - weight) / 4);
}
