import { isUtf8 } from "node:buffer";
import { parseArtifact, type SiteHistory, type SiteSnapshot, siteHistory, siteSnapshot } from "@forgebench/artifacts";
import { ArtifactError, OperationError } from "@forgebench/errors";
import type { BareRepository, CommitFacts, TreeEntry } from "@forgebench/git";

/** The two files of a website that a sync changes, and no others. */
export const SITE_FILES = {
  latest: "data/benchmarks/latest.json",
  history: "data/benchmarks/history.json",
} as const;

/** Settings of formatters that are read as data. */
const SETTING_FILES = [
  ...[
    ".prettierrc",
    ".prettierrc.json",
    ".prettierrc.yaml",
    ".prettierrc.yml",
    ".prettierrc.json5",
    ".prettierrc.toml",
  ],
  ...[".prettierrc.js", ".prettierrc.cjs", ".prettierrc.mjs", ".prettierrc.ts"],
  ...["prettier.config.js", "prettier.config.cjs", "prettier.config.mjs", "prettier.config.ts"],
  ...["package.json", "package.yaml", ".editorconfig", ".prettierignore"],
] as const;
const MAX_DATA_BYTES = 64 << 20;
const MAX_SETTING_BYTES = 1 << 20;

/** The author of a sync's commits. */
export const SITE_BOT = { name: "forgebench-bot", email: "forgebench-bot@users.noreply.github.com" } as const;

/** The files of a website's branch that a sync reads. */
interface SiteBranch {
  readonly commit: string;
  readonly latest?: SiteSnapshot;
  readonly history?: SiteHistory;
}

/** The state before a sync. */
export interface SiteState {
  readonly published: SiteBranch;
  /** Absent if nothing waits for a review. */
  readonly pending?: SiteBranch;
  /** The formatter's settings of the published branch, if they are plain files; they are never run. */
  readonly settings: readonly { readonly path: string; readonly text: string }[];
  /** Which settings were not read, and why. */
  readonly settingNotes: readonly string[];
}

/** A commit, and how messages call it. */
interface SiteCommit {
  readonly commit: string;
  readonly label: string;
}

/**
 * Reads data files and settings of the published and the waiting branch.
 * @throws {ArtifactError} when a data file is there and cannot be read: an unreadable history is never taken for an empty one (exit 65).
 */
export async function readSite(
  repository: BareRepository,
  published: SiteCommit,
  pending?: SiteCommit,
): Promise<SiteState> {
  const folders = ["", "data/", "data/benchmarks/"];
  const settingPaths = folders.flatMap((folder) => SETTING_FILES.map((name) => `${folder}${name}`));
  const found = await repository.entriesAt(published.commit, [...DATA_PATHS, ...settingPaths]);
  const waiting = pending === undefined ? [] : await repository.entriesAt(pending.commit, DATA_PATHS);
  refuseLinks(found, published.label);
  if (pending !== undefined) refuseLinks(waiting, pending.label);
  const dataOf = (entries: readonly TreeEntry[]) => entries.filter(({ path }) => isDataFile(path));
  const settings = found.filter(({ path }) => !DATA_PATHS.includes(path));
  const contents = await readContents(repository, [...dataOf(found), ...dataOf(waiting)], settings.filter(isPlainFile));
  return {
    published: readBranch(published, dataOf(found), contents),
    ...(pending === undefined ? {} : { pending: readBranch(pending, dataOf(waiting), contents) }),
    ...readSettings(settings, contents),
  };
}

const DATA_PATHS: readonly string[] = ["data", "data/benchmarks", ...Object.values(SITE_FILES)];

function isDataFile(path: string): boolean {
  return path === SITE_FILES.latest || path === SITE_FILES.history;
}

/** A link or a submodule in the place of a folder or file would lead elsewhere. */
function refuseLinks(entries: readonly TreeEntry[], label: string): void {
  for (const entry of entries) {
    if (isDataFile(entry.path)) {
      if (!isPlainFile(entry)) throw wrong(entry, label, `it is no plain file, but a ${kindOf(entry)}`);
    } else if (DATA_PATHS.includes(entry.path) && entry.type !== "tree") {
      throw wrong(entry, label, `it is no folder, but a ${kindOf(entry)}`);
    }
  }
}

interface Contents {
  readonly sizes: ReadonlyMap<string, number>;
  /** Of those that are not too large. */
  readonly bytes: ReadonlyMap<string, Buffer>;
}

async function readContents(
  repository: BareRepository,
  data: readonly TreeEntry[],
  settings: readonly TreeEntry[],
): Promise<Contents> {
  const limits = new Map<string, number>();
  for (const { hash } of settings) limits.set(hash, MAX_SETTING_BYTES);
  for (const { hash } of data) limits.set(hash, MAX_DATA_BYTES);
  await repository.prefetch([...limits.keys()]);
  const sizes = await repository.sizesOf([...limits.keys()]);
  const small = [...limits].filter(([hash, maxBytes]) => (sizes.get(hash) ?? 0) <= maxBytes);
  return { sizes, bytes: await repository.readAll(small.map(([hash]) => hash)) };
}

function readBranch({ commit, label }: SiteCommit, entries: readonly TreeEntry[], contents: Contents): SiteBranch {
  const textOf = (file: string) => {
    const entry = entries.find(({ path }) => path === file);
    return entry === undefined ? undefined : dataText(entry, label, contents);
  };
  const latest = textOf(SITE_FILES.latest);
  const history = textOf(SITE_FILES.history);
  return {
    commit,
    ...(latest === undefined ? {} : { latest: parseArtifact(siteSnapshot, latest, `${label}: ${SITE_FILES.latest}`) }),
    ...(history === undefined
      ? {}
      : { history: parseArtifact(siteHistory, history, `${label}: ${SITE_FILES.history}`) }),
  };
}

function dataText(entry: TreeEntry, label: string, { sizes, bytes }: Contents): string {
  const content = bytes.get(entry.hash);
  if (content === undefined) {
    throw wrong(entry, label, `it has ${sizes.get(entry.hash)} bytes; the limit is ${MAX_DATA_BYTES}`);
  }
  if (isUtf8(content)) return new TextDecoder().decode(content);
  throw wrong(entry, label, "it is not UTF-8 text");
}

function readSettings(entries: readonly TreeEntry[], { bytes }: Contents) {
  const settings: { path: string; text: string }[] = [];
  const settingNotes: string[] = [];
  for (const entry of entries) {
    const content = isPlainFile(entry) ? bytes.get(entry.hash) : undefined;
    if (content !== undefined) settings.push({ path: entry.path, text: content.toString("utf8") });
    else
      settingNotes.push(`${entry.path} is ${isPlainFile(entry) ? "too large" : `a ${kindOf(entry)}`} and is not read`);
  }
  return { settings, settingNotes };
}

function isPlainFile({ type, mode }: TreeEntry): boolean {
  return type === "blob" && mode.startsWith("100");
}

function kindOf({ type, mode }: TreeEntry): string {
  if (mode === "120000") return "link";
  return type === "commit" ? "submodule" : type === "tree" ? "folder" : "file";
}

function wrong({ path }: TreeEntry, label: string, message: string): ArtifactError {
  return new ArtifactError({ path: `${label}: ${path}`, kind: "site data", issues: [{ path: "", message }] });
}

/** @throws {OperationError} when the last commit of the automation branch is not a sync's (exit 73) */
export function refuseForeignCommit(
  { authorEmail, committerEmail, parents }: CommitFacts,
  commit: string,
  branch: string,
): void {
  const isBot = authorEmail === SITE_BOT.email && committerEmail === SITE_BOT.email;
  if (isBot && parents.length === 1) return;
  const message = `Cannot update the branch "${branch}": its last commit ${commit.slice(0, 12)} is a person's, not a sync's`;
  throw new OperationError("output", message, {
    details: [
      {
        label: "found",
        text: `author ${JSON.stringify(authorEmail)}, committer ${JSON.stringify(committerEmail)}, ${parents.length} parents`,
      },
      { label: "try", text: "merge or close its pull request and delete the branch; the next sync makes it anew" },
    ],
  });
}
