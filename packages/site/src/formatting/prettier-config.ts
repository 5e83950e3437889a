import { messageOf, printableLine } from "@forgebench/errors";
import { parse } from "yaml";
import { describeValue, isRecord, type RawOptions, type Settings } from "./format-options.ts";
import { isHarmlessGlob, matchesOverride } from "./site-globs.ts";

/** The names that prettier looks for in a folder, in its order; the first that is there counts. */
const CONFIG_NAMES: readonly string[] = [
  ...["package.json", "package.yaml"],
  ...[".prettierrc", ".prettierrc.json", ".prettierrc.yml", ".prettierrc.yaml", ".prettierrc.json5"],
  ...["js", "ts", "mjs", "mts", "cjs", "cts"].flatMap((type) => [`.prettierrc.${type}`, `prettier.config.${type}`]),
  ".prettierrc.toml",
];

const JSON_NAMES = new Set(["package.json", ".prettierrc.json"]);
const YAML_NAMES = new Set(["package.yaml", ".prettierrc", ".prettierrc.yml", ".prettierrc.yaml"]);

/** The files of a folder, by name, and the path of the file to format, relative to it. */
interface ConfigFolder {
  readonly folder: string;
  readonly relativePath: string;
  readonly texts: ReadonlyMap<string, string>;
}

const NOTHING: Settings<RawOptions> = { options: {}, notes: [] };

/** The options of the nearest configuration of prettier; folders are given nearest first. Nothing is executed or loaded. */
export function prettierConfigOptions(folders: readonly ConfigFolder[]): Settings<RawOptions> {
  for (const folder of folders) {
    for (const name of CONFIG_NAMES) {
      const text = folder.texts.get(name);
      const settings = text === undefined ? undefined : readConfig(folder, name, text);
      if (settings !== undefined) return settings;
    }
  }
  return NOTHING;
}

/** Undefined if the file says nothing about prettier; then the search continues. */
function readConfig(folder: ConfigFolder, name: string, text: string): Settings<RawOptions> | undefined {
  const path = folder.folder === "" ? name : `${folder.folder}/${name}`;
  const unused = (why: string) => ({ options: {}, notes: [`${path} ${why}; prettier's defaults are used`] });
  if (!JSON_NAMES.has(name) && !YAML_NAMES.has(name)) return unused("is not read, because only JSON and YAML are");
  const isPackage = name.startsWith("package.");
  let config: unknown;
  try {
    config = isPackage ? packageField(parseText(name, text)) : parseText(name, text);
  } catch (error) {
    return isPackage ? undefined : unused(`cannot be read (${printableLine(messageOf(error), 100)})`);
  }
  if (!config) return isPackage ? undefined : NOTHING;
  if (typeof config === "string") return unused(`names a shared configuration, ${describeValue(config)}, not loaded`);
  if (!isRecord(config)) return unused(`is ${describeValue(config)}, not an object`);
  return resolveOverrides(config, folder.relativePath, path);
}

function parseText(name: string, text: string): unknown {
  if (JSON_NAMES.has(name)) return JSON.parse(text.replace(/^\uFEFF/, ""));
  return parse(text, { maxAliasCount: 20, logLevel: "error" });
}

function packageField(document: unknown): unknown {
  return isRecord(document) && Object.hasOwn(document, "prettier") ? document.prettier : undefined;
}

function resolveOverrides(config: RawOptions, relativePath: string, path: string): Settings<RawOptions> {
  const { overrides, plugins, ...base } = config;
  const notes: string[] = [];
  const layers = (Array.isArray(overrides) ? overrides.slice(0, 100) : []).map((override: unknown) => {
    const result = applyOverride(override, relativePath);
    if (result === undefined) notes.push(`${path} has an override that is not read`);
    return result ?? {};
  });
  const options: RawOptions = Object.assign({}, base, ...layers);
  const hasPlugins = [plugins, options.plugins].some((list) => list !== undefined);
  return { options, notes: [...(hasPlugins ? [`${path} names plugins, which are not loaded`] : []), ...notes] };
}

/** The options of an override; none where it is not about this file, undefined where that cannot be told. */
function applyOverride(override: unknown, relativePath: string): RawOptions | undefined {
  if (!isRecord(override)) return undefined;
  const [files, excludeFiles] = [patternsOf(override.files), patternsOf(override.excludeFiles ?? [])];
  if (files === undefined || excludeFiles === undefined) return undefined;
  if (!matchesOverride(files, excludeFiles, relativePath)) return {};
  return override.options === undefined ? {} : isRecord(override.options) ? override.options : undefined;
}

function patternsOf(value: unknown): readonly string[] | undefined {
  const patterns = Array.isArray(value) ? value : [value];
  return patterns.length <= 50 && patterns.every(isHarmlessGlob) ? patterns : undefined;
}
