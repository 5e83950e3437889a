import type { RawOptions, Settings } from "./format-options.ts";
import { isHarmlessGlob, matchesSection } from "./site-globs.ts";

type Properties = Readonly<Record<string, string>>;

interface Section {
  readonly pattern: string;
  readonly properties: Properties;
}

interface EditorConfig {
  readonly isRoot: boolean;
  readonly sections: readonly Section[];
}

/** An `.editorconfig` and the path of the file to format, relative to its folder. */
interface PlacedConfig {
  readonly path: string;
  readonly text: string;
  readonly relativePath: string;
}

/** The settings of `.editorconfig` files for prettier, the nearest first; files above a root are not read. */
export function editorConfigOptions(files: readonly PlacedConfig[]): Settings<RawOptions> {
  const notes: string[] = [];
  const layers: Properties[] = [];
  for (const file of files) {
    const config = parseEditorConfig(file.text);
    if (config === undefined) {
      notes.push(`${file.path} cannot be read; its settings are not used`);
      continue;
    }
    const { sections } = config;
    notes.push(
      ...sections.filter(({ pattern }) => !isHarmlessGlob(pattern)).map(({ pattern }) => unreadNote(file, pattern)),
    );
    layers.unshift(...sections.filter((section) => applies(section, file)).map(({ properties }) => properties));
    if (config.isRoot) break;
  }
  return { options: toPrettier(Object.assign(Object.create(null), ...layers)), notes };
}

function unreadNote({ path }: PlacedConfig, pattern: string): string {
  return `${path} has a section whose pattern is not read: ${JSON.stringify(pattern.slice(0, 60))}`;
}

function applies({ pattern }: Section, { relativePath }: PlacedConfig): boolean {
  return isHarmlessGlob(pattern) && matchesSection(pattern, relativePath);
}

/** As prettier reads it: one line that is no comment, section or property, and the whole file says nothing. */
function parseEditorConfig(text: string): EditorConfig | undefined {
  const preamble: Record<string, string> = Object.create(null);
  const sections = new Map<string, Record<string, string>>();
  let current = preamble;
  for (const line of text.split(/\r?\n|\r/).map((raw) => raw.trim())) {
    if (line === "" || line.startsWith("#") || line.startsWith(";")) continue;
    if (line.startsWith("[")) {
      if (!line.endsWith("]")) return undefined;
      const pattern = line.slice(1, -1);
      current = sections.get(pattern) ?? Object.create(null);
      sections.set(pattern, current);
      continue;
    }
    const equals = line.indexOf("=");
    if (equals < 0) return undefined;
    current[line.slice(0, equals).trim().toLowerCase()] = line
      .slice(equals + 1)
      .trim()
      .toLowerCase();
  }
  return {
    isRoot: preamble.root === "true",
    sections: [...sections].map(([pattern, properties]) => ({ pattern, properties })),
  };
}

function toPrettier(properties: Properties): RawOptions {
  const { indent_style: style, max_line_length: lineLength, end_of_line: endOfLine } = properties;
  const size = properties.indent_size ?? (style === "tab" ? "tab" : undefined);
  const tabWidth = properties.tab_width ?? (size === "tab" ? undefined : size);
  const useTabs =
    style === "space" ? false : style === "tab" || (size === "tab" && tabWidth === undefined) ? true : undefined;
  const width = positive(useTabs === false ? (size === "tab" ? tabWidth : size) : tabWidth) ?? positive(tabWidth);
  const printWidth = lineLength === "off" ? Number.POSITIVE_INFINITY : positive(lineLength);
  return {
    ...(useTabs === undefined ? {} : { useTabs }),
    ...(width === undefined ? {} : { tabWidth: width }),
    ...(printWidth === undefined ? {} : { printWidth }),
    ...(endOfLine === "lf" || endOfLine === "crlf" || endOfLine === "cr" ? { endOfLine } : {}),
  };
}

function positive(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined;
}
