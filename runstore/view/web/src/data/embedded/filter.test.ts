import assert from "node:assert/strict";
import { test } from "node:test";
import type { Column } from "../../table/columns";
import { Refusal } from "../source";
import { filter, meant } from "./filter";

const column = (name: string, of: Column["of"], type: Column["type"] = "number"): Column =>
  ({ name, label: name.replace(/^(params|last|tags)\./, ""), of, type });
const columns = [
  column("status", "field", "text"), column("started", "field", "time"), column("archived", "field", "bool"), column("params.lr", "param"),
  column("params.opt.name", "param", "text"), column("params.a \"b\" c", "param"), column("last.train/loss", "metric"),
  column("tags.stage", "tag", "text"), column("params.status", "param", "text"),
]; // prettier-ignore
const run: Record<string, unknown> = {
  status: "Completed", started: "2026-03-01T12:00:00.000000Z", archived: false, "params.lr": 0.01, "params.opt.name": "adam_w",
  'params.a "b" c': 3, "last.train/loss": null, "tags.stage": "it's", "params.status": "mine",
}; // prettier-ignore
const holds = (text: string): boolean => filter(text, columns)((name) => run[name]);

const TRUE = [
  "", "lr < 0.1 and status = 'Completed'", "params.lr in (0.01, 0.1)", "not lr > 1", "lr between 0.01 and 0.1",
  'params."opt.name" = \'adam_w\'', "opt.name like 'adam\\_%' escape '\\'", "status ilike 'comp%'", 'params."a ""b"" c" >= -3',
  "tags['stage']= 'it''s'", '"last"."train/loss" is null', "lr is not null", "(lr > 1 or lr < 1) and not archived",
  "started >= '2026-03-01 11:59'", "started < '2026-03-01T12:00:01'", "params.status = 'mine'", "lr not in (1, 2)", "STATUS <> 'x'",
  "(last.\"train/loss\" in (1) or last.\"train/loss\" is null)", "status not like 'comp%'",
]; // prettier-ignore
const FALSE = [
  "lr > 0.1", "last.\"train/loss\" < 1", "not last.\"train/loss\" < 1", "lr = 1 or status = 'Failed'", "archived",
  "opt.name like 'adamXw'", "last.\"train/loss\" = null", "status in ('Failed')",
]; // prettier-ignore
const REFUSED = ["nothing = 1", "lr <", "lr ~ 1", "abs(lr) > 1", "lr = 1 lr", "(lr = 1", "lr", "select 1", "status = 'a' and"];

for (const text of TRUE) test(`a run fulfils ${text || "no filter"}`, () => assert.equal(holds(text), true));
for (const text of FALSE) test(`a run does not fulfil ${text}`, () => assert.equal(holds(text), false));
for (const text of REFUSED) test(`${text} is refused`, () => assert.throws(() => holds(text), Refusal));

test("a bare name means a field first, then what runs were given", () => {
  assert.equal(meant("status", columns)?.name, "status");
  assert.equal(meant("LR", columns)?.name, "params.lr");
  assert.equal(meant("nothing", columns), null);
});
