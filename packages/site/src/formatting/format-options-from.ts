import { editorConfigOptions } from "./editor-config.ts";
import { allowedOptions, type FormatOptions, type Settings } from "./format-options.ts";
import { prettierConfigOptions } from "./prettier-config.ts";
import { isIgnoredBy } from "./site-globs.ts";

/** A file of the website: its path from the root of the repository, with slashes, and what it holds. */
export interface SiteTextFile {
  readonly path: string;
  readonly text: string;
}

const IGNORE_FILE = ".prettierignore";
const MAX_TEXT_LENGTH = 256 * 1024;
const MAX_NOTES = 20;

/**
 * How the website's own formatter would print a JSON file at `path`, read from its settings files as data: prettier's
 * precedence, the keys that matter, the values that are possible. Nothing of the website is executed, and nothing is
 * read from the disk; settings that cannot be followed are in the notes.
 */
export function formatOptionsFrom(files: readonly SiteTextFile[], path: string): Settings<FormatOptions> {
  const small = files.filter(({ text }) => text.length <= MAX_TEXT_LENGTH);
  const folders = foldersOf(path).map((folder) => ({
    folder,
    relativePath: folder === "" ? path : path.slice(folder.length + 1),
    texts: new Map(small.flatMap((file) => (folderOf(file.path) === folder ? [[nameOf(file.path), file.text]] : []))),
  }));
  const editor = editorConfigOptions(
    folders.flatMap(({ folder, relativePath, texts }) => {
      const text = texts.get(".editorconfig");
      return text === undefined ? [] : [{ path: join(folder, ".editorconfig"), text, relativePath }];
    }),
  );
  const config = prettierConfigOptions(folders);
  const allowed = allowedOptions({ ...editor.options, ...config.options });
  const ignoreText = small.find((file) => file.path === IGNORE_FILE)?.text;
  const notes = [
    ...files.filter((file) => !small.includes(file)).map((file) => `${file.path} is too large and is not read`),
    ...[editor, config, allowed].flatMap((settings) => settings.notes),
    ...(ignoreText !== undefined && isIgnoredBy(ignoreText, path)
      ? [`${IGNORE_FILE} names ${path}; it is formatted anyway`]
      : []),
  ];
  return { options: allowed.options, notes: notes.slice(0, MAX_NOTES) };
}

/** The folders that a path is in, the nearest first; the root of the repository is the empty text. */
function foldersOf(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return [...parts.map((_, index) => parts.slice(0, parts.length - index).join("/")), ""];
}

function folderOf(path: string): string {
  return path.split("/").slice(0, -1).join("/");
}

function nameOf(path: string): string {
  return path.split("/").at(-1) ?? "";
}

function join(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}
