/** Models with their versions, newest first, whether they come as models or as a list of versions. */

export interface Version {
  name?: string;
  version: number;
  aliases?: string[];
  run_id?: string | null;
  run_name?: string | null;
  experiment?: string | null;
  path?: string | null;
  sha256?: string | null;
  size?: number | null;
  time?: string | null;
  created?: string | null;
  description?: string | null;
  framework?: string | null;
  framework_version?: string | null;
  files?: { path: string; size: number; sha256: string }[];
  files_total?: number;
  tags?: Record<string, unknown>;
  properties?: Record<string, unknown>;
  used_by?: string[];
}

export interface Model {
  name: string;
  versions: Version[];
}

export function grouped(given: readonly (Model | Version)[]): Model[] {
  const found = new Map<string, Version[]>();
  for (const one of given) {
    const name = one.name ?? "";
    const versions = found.get(name) ?? [];
    if ("versions" in one) versions.push(...one.versions);
    else versions.push(one);
    found.set(name, versions);
  }
  const models = [...found].map(([name, versions]) => ({ name, versions: versions.sort((a, b) => b.version - a.version) }));
  return models.filter((model) => model.versions.length).sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
}
