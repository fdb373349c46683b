/** What a run logged to look at and to hear, by step: a row for each name, all at one step, or two steps over each other. */

import { useEffect, useMemo, useState } from "preact/hooks";
import { useAnswer, useNews } from "../asked";
import { Choice, Search } from "../buttons";
import type { Place } from "../place";
import { counted } from "../said";
import { runPath, type Item, type Run } from "../shapes";
import { Nothing, Shown } from "../states";
import { BesideChoice, Strip, useBeside } from "../strip";
import { Closely } from "./closely";
import { Card } from "./card";
import { at, byName, steps } from "./steps";

type Way = "step" | "all";
const MOST = 2_000;
const SHOTS = 60; // of one name that are shown at once

export function Images({ run, place }: { run: Run; place: Place }) {
  const found = useAnswer<{ items: Item[]; total?: number }>(runPath(run.run_id, "media"), { limit: MOST });
  useNews(run.run_id, found.again);
  return (
    <Shown of={found} what="images">
      {({ items }) => {
        const shown = items.filter((item) => !CHARTS.has(item.kind));
        if (!shown.length) {
          return <Nothing title="No images">Images, figures, sounds, videos and pages that the run logs are shown here, by step.</Nothing>;
        }
        return <Gallery run={run} place={place} items={shown} />;
      }}
    </Shown>
  );
}

// These are drawn beside the curves.
const CHARTS = new Set(["histogram", "confusion", "accuracy", "residuals", "predictions", "file"]);

function Gallery({ run, place, items }: { run: Run; place: Place; items: Item[] }) {
  const [sought, setSought] = useState("");
  const [close, setClose] = useState<Item | null>(null);
  const all = useMemo(() => steps(items), [items]);
  const way: Way = place.more["way"] === "all" ? "all" : "step";
  const step = place.more["step"] === undefined ? null : Number(place.more["step"]);
  const rows = byName(items.filter((item) => item.name.toLowerCase().includes(sought.toLowerCase())));
  const show = (to: number | null): void => place.set({ step: to === null ? null : String(to) }, true);
  const beside = useBeside(place, "step", (x) => {
    const to = all.filter((one) => one <= x).pop() ?? all[0];
    if (to !== undefined && to !== step) show(to);
  });
  const set = (to: number | null): void => {
    show(to);
    const shown = to ?? all[all.length - 1];
    if (shown !== undefined) beside.point(shown);
  };
  return (
    <div class="rp-stack">
      <div class="rp-row rp-bar">
        <Choice label="What is shown" value={way} onChange={(to) => place.set({ way: to === "step" ? null : to })}
          options={[["step", "One step"], ["all", "All steps"]]} />
        {way === "step" && all.length > 1 && <Slider steps={all} step={step} set={set} />}
        {all.length > 1 && <BesideChoice run={run} place={place} />}
        <span class="rp-spring" />
        <Search value={sought} onChange={setSought} label={`Find in ${counted(rows.length, "name")}`} />
      </div>
      <Strip run={run} place={place} kind="step" />
      {way === "step" ? (
        <div class="rp-gallery">
          {rows.map(({ name, shots }) => {
            const shot = at(shots, step);
            return shot && <Card key={name} run={run} place={place} item={shot} title={name} open={setClose} />;
          })}
        </div>
      ) : (
        rows.map(({ name, shots }) => (
          <section key={name} class="rp-strip">
            <h2>{name} <span class="rs-muted">{counted(shots.length, "time")}</span></h2>
            <div class="rp-gallery">
              {shots.slice(-SHOTS).map((shot) => (
                <Card key={shot.path} run={run} place={place} item={shot} title={null} open={setClose} />
              ))}
            </div>
            {shots.length > SHOTS && <p class="rs-muted">the last {SHOTS} are shown; one step shows any of them</p>}
          </section>
        ))
      )}
      {close && (
        <Closely run={run} place={place} start={close} shots={rows.find((row) => row.name === close.name)?.shots ?? [close]}
          leave={() => setClose(null)} />
      )}
    </div>
  );
}

/** A step to look at; the newest when there is none. */
export function Slider({ steps: all, step, set }: { steps: number[]; step: number | null; set: (to: number | null) => void }) {
  const place = step === null ? all.length - 1 : Math.max(0, all.filter((one) => one <= step).length - 1);
  useEffect(() => {
    if (step !== null && !Number.isFinite(step)) set(null);
  }, [step]);
  return (
    <label class="rp-row rp-slider">
      <span>step</span>
      <input type="range" min={0} max={all.length - 1} value={place} aria-valuetext={`step ${all[place]}`}
        onInput={(event) => {
          const to = Number(event.currentTarget.value);
          set(to === all.length - 1 ? null : all[to] ?? null);
        }} />
      <output class="rp-code">{all[place]?.toLocaleString("en-US")}{step === null ? " (newest)" : ""}</output>
    </label>
  );
}
