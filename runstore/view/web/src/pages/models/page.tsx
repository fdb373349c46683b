/** Registered models: their versions, what each is called now, and the run that each came from. */

import { useState } from "preact/hooks";
import { Empty } from "../../parts/empty";
import { useAnswer, useNews } from "../run/asked";
import { Copy, Search } from "../run/buttons";
import { Fact, Facts } from "../run/facts";
import { Text } from "../run/editable";
import { usePlace, type Place } from "../run/place";
import { ago, counted, moment, short, size } from "../run/said";
import { literal } from "../run/snippets";
import { Shown } from "../run/states";
import { grouped, type Model, type Version } from "./versions";
import "../run/pages.css";
import "./models.css";

export function ModelsPage() {
  const place = usePlace();
  const found = useAnswer<{ models: (Model | Version)[]; total?: number }>("models", { limit: 1000 });
  useNews(null, found.again);
  return (
    <article class="rp-page">
      <h1>Models</h1>
      <Shown of={found} what="models">
        {({ models }) => (models.length ? <Both place={place} models={grouped(models)} /> : <None place={place} />)}
      </Shown>
    </article>
  );
}

function None({ place }: { place: Place }) {
  const code = `run.register_model(model_name="churn", model_path="outputs/model.pkl")`;
  return (
    <Empty icon="models" title="No models yet">
      <p class="rs-muted">A run registers what it made as the next version of a model:</p>
      <pre class="rs-code">{code}</pre>
      <Copy place={place} text={code} what="Python" />
    </Empty>
  );
}

function Both({ place, models }: { place: Place; models: Model[] }) {
  const [sought, setSought] = useState("");
  const chosen = models.find((model) => model.name === place.id) ?? models[0]!;
  const shown = models.filter((model) => model.name.toLowerCase().includes(sought.toLowerCase()));
  return (
    <div class="rp-browser mod-page">
      <nav class="rp-side" aria-label="Models">
        <Search value={sought} onChange={setSought} label={`Find in ${counted(models.length, "model")}`} />
        <div class="rp-tree mod-list">
          {shown.map((model) => (
            <a key={model.name} href={place.href("models", model.name)} aria-current={model === chosen ? "true" : undefined} title={model.name}>
              <span class="rp-name">{model.name}</span>
              <span class="rp-size">{counted(model.versions.length, "version")}</span>
            </a>
          ))}
        </div>
      </nav>
      <div class="rp-main-side mod-one"><One key={chosen.name} place={place} model={chosen} /></div>
    </div>
  );
}

function One({ place, model }: { place: Place; model: Model }) {
  const version = model.versions.find((one) => String(one.version) === place.more["version"]) ?? model.versions[0]!;
  return (
    <>
      <header class="rp-row"><h2>{model.name}</h2><span class="rs-muted">newest is version {model.versions[0]!.version}</span></header>
      <div class="rp-scroll mod-versions">
        <table class="rp-table rp-hover">
          <thead><tr><th class="rp-num">version</th><th>called</th><th>registered</th><th>from run</th><th>path</th></tr></thead>
          <tbody>
            {model.versions.map((one) => (
              <tr key={one.version} class={one === version ? "mod-chosen" : undefined}>
                <td class="rp-num">
                  <button type="button" class="rp-link" aria-pressed={one === version} onClick={() => place.set({ version: String(one.version) })}>{one.version}</button>
                </td>
                <td><Aliases of={one} /></td>
                <td title={moment(one.time ?? one.created)}>{ago(one.time ?? one.created)}</td>
                <td>{one.run_id ? <a href={place.href("run", one.run_id)}>{one.run_name || short(one.run_id)}</a> : <span class="rs-muted">local files</span>}</td>
                <td class="rp-code">{one.path}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <About place={place} name={model.name} version={version} />
    </>
  );
}

function Aliases({ of: version }: { of: Version }) {
  return <>{(version.aliases ?? []).map((alias) => <span class="rp-badge mod-alias" key={alias}>{alias}</span>)}</>;
}

function About({ place, name, version }: { place: Place; name: string; version: Version }) {
  const code = `import runstore\n\nws = runstore.Workspace(${literal(place.workspace.path)})\nmodel = runstore.Model(ws, ${literal(`${name}:${version.version}`)})\npath = model.download("models")\n`;
  return (
    <div class="mod-about">
      <div class="rp-row">
        <h3>Version {version.version}</h3><Aliases of={version} /><span class="rp-spring" />
        <Copy place={place} text={code} what="Python" label="Copy as Python" />
      </div>
      {version.description && <Text text={version.description} />}
      <Lineage place={place} name={name} version={version} />
      <dl class="rp-facts">
        {version.framework && <Fact name="Framework">{[version.framework, version.framework_version].filter(Boolean).join(" ")}</Fact>}
        {version.size !== undefined && <Fact name="Size">{size(version.size)}</Fact>}
        {version.sha256 && <Fact name="SHA-256" action={<Copy place={place} text={version.sha256} what="Hash" />}><span class="rp-code">{version.sha256}</span></Fact>}
      </dl>
      {(version.files?.length ?? 0) > 1 && (
        <>
          <h3>Files</h3>
          <dl class="rp-facts">{version.files!.slice(0, 200).map((file) => <Fact key={file.path} name={file.path}>{size(file.size)}</Fact>)}</dl>
          {version.files_total! > 200 && <p class="rs-muted">{counted(version.files_total!, "file")} in all</p>}
        </>
      )}
      {Object.keys(version.tags ?? {}).length > 0 && <><h3>Tags</h3><Facts place={place} values={version.tags ?? {}} noun="tag" none="" /></>}
      {Object.keys(version.properties ?? {}).length > 0 && <><h3>Properties</h3><Facts place={place} values={version.properties ?? {}} noun="property" none="" /></>}
    </div>
  );
}

/** Where it came from and what it went into, as a line of boxes. */
function Lineage({ place, name, version }: { place: Place; name: string; version: Version }) {
  const users = version.used_by ?? [];
  return (
    <ol class="mod-line" aria-label="Lineage">
      {version.experiment && <li><span class="rs-muted">experiment</span><a href={place.href("runs", "", { experiment: version.experiment, where: "" })}>{version.experiment}</a></li>}
      <li>
        <span class="rs-muted">run</span>
        {version.run_id ? <a href={place.href("run", version.run_id)}>{version.run_name || short(version.run_id)}</a> : "local files"}
      </li>
      {version.path && version.run_id && (
        <li><span class="rs-muted">file</span><a href={place.href("run", version.run_id, { more: { tab: "files", path: version.path } })}>{version.path}</a></li>
      )}
      <li class="mod-here"><span class="rs-muted">model</span>{name}:{version.version}</li>
      {users.map((run) => <li key={run}><span class="rs-muted">used by</span><a href={place.href("run", run)}>{run}</a></li>)}
    </ol>
  );
}
