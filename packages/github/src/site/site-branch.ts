import { parseArtifact, type SiteHistory, type SiteSnapshot, siteHistory, siteSnapshot } from "@forgebench/artifacts";
import { ArtifactError, OperationError } from "@forgebench/errors";
import type { BareRepository, TreeEntry } from "@forgebench/git";

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

/** Whom the commits of a sync are by. */
export const SITE_BOT = { name: "forgebench-bot", email: "forgebench-bot@users.noreply.github.com" } as const;

/** What a branch of a website holds, as far as a sync cares. */
export interface SiteBranch {
  readonly commit: string;
  readonly latest?: SiteSnapshot;
  readonly history?: SiteHistory;
}

/**
 * Reads the data files of a commit.
 * @throws {ArtifactError} when one is there and cannot be read: an unreadable history is never taken for an empty one (exit 65).
 */
export async function readSiteBranch(repository: BareRepository, commit: string, label: string): Promise<SiteBranch> {
  const entries = await repository.entriesAt(commit, Object.values(SITE_FILES));
  await refuseLinks(repository, commit, label);
  const textOf = async (file: string) => {
    const entry = entries.find(({ path }) => path === file);
    return entry === undefined ? undefined : readText(repository, entry, label, MAX_DATA_BYTES);
  };
  const latest = await textOf(SITE_FILES.latest);
  const history = await textOf(SITE_FILES.history);
  return {
    commit,
    ...(latest === undefined ? {} : { latest: parseArtifact(siteSnapshot, latest, `${label}: ${SITE_FILES.latest}`) }),
    ...(history === undefined
      ? {}
      : { history: parseArtifact(siteHistory, history, `${label}: ${SITE_FILES.history}`) }),
  };
}

/** A link or a submodule in the place of a folder on the way would lead elsewhere. */
async function refuseLinks(repository: BareRepository, commit: string, label: string): Promise<void> {
  const folders = await repository.entriesAt(commit, ["data", "data/benchmarks"]);
  const other = folders.find(({ type }) => type !== "tree");
  if (other !== undefined) throw wrong(other, label, `it is no folder, but a ${kindOf(other)}`);
}

async function readText(
  repository: BareRepository,
  entry: TreeEntry,
  label: string,
  maxBytes: number,
): Promise<string> {
  if (!isPlainFile(entry)) throw wrong(entry, label, `it is no plain file, but a ${kindOf(entry)}`);
  const sizeBytes = await repository.sizeBytesOf(entry.hash);
  if (sizeBytes > maxBytes) throw wrong(entry, label, `it has ${sizeBytes} bytes; at most ${maxBytes} are read`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await repository.read(entry.hash));
  } catch (error) {
    throw error instanceof TypeError ? wrong(entry, label, "it is not UTF-8 text") : error;
  }
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

/** The formatter's settings of a commit, where they are plain and of a sensible size; nothing of them is ever run. */
export async function readFormatSettings(
  repository: BareRepository,
  commit: string,
  label: string,
): Promise<{ readonly path: string; readonly text: string }[]> {
  const folders = ["", "data/", "data/benchmarks/"];
  const wanted = folders.flatMap((folder) => SETTING_FILES.map((name) => `${folder}${name}`));
  const files: { path: string; text: string }[] = [];
  for (const entry of await repository.entriesAt(commit, wanted)) {
    if (!isPlainFile(entry)) continue;
    files.push({ path: entry.path, text: await readText(repository, entry, label, MAX_SETTING_BYTES) });
  }
  return files;
}

/** @throws {OperationError} when the last commit of the automation branch is not a sync's (exit 73) */
export async function refuseForeignCommit(
  repository: BareRepository,
  commit: string,
  branch: string,
): Promise<{ readonly parents: readonly string[] }> {
  const { authorEmail, committerEmail, parents } = await repository.readCommit(commit);
  if (authorEmail === SITE_BOT.email && committerEmail === SITE_BOT.email) return { parents };
  const message = `Cannot update the branch "${branch}": its last commit ${commit.slice(0, 12)} is a person's, not a sync's`;
  throw new OperationError("output", message, {
    details: [
      { label: "found", text: `author ${JSON.stringify(authorEmail)}, committer ${JSON.stringify(committerEmail)}` },
      { label: "try", text: "merge or close its pull request and delete the branch; the next sync makes it anew" },
    ],
  });
}
