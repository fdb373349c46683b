// How requests for curves go out together, and how each gets its own out of what comes.

import type { Series } from "./frame";
import { Refusal, type CurveRequest, type Frame } from "./source";

/** Of a page that has nothing yet so many don't wait for the others. */
export const FIRST = 2;

/** What a request is known by: two that ask for the same are one. */
export function named({ key: _, ...request }: CurveRequest): string {
  return JSON.stringify(request);
}

/** Requests as they are in one frame, each with its place as its key. */
export function numbered(requests: readonly CurveRequest[]): CurveRequest[] {
  return requests.map((one, place) => ({ ...one, key: String(place) }));
}

/** What a frame says to the request at this place; a Refusal is thrown where it was refused. */
export function answered({ series, errors = [] }: Frame, place: number, request: CurveRequest): Series[] {
  const key = String(place);
  const refused = errors.find((one) => one.key === key);
  if (refused) throw new Refusal(refused.error, 400);
  return series.filter((one) => one.key === key).map((one) => ({ ...one, key: request.key }));
}
