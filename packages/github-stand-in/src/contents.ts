import { type Answer, notFound, ok, Refusal } from "./answers.ts";
import type { Call, Route } from "./api.ts";
import type { BareRepository } from "./git-repository.ts";
import { page } from "./pages.ts";
import { apiUrlOf, nodeId, type Repository, type World, webUrlOf } from "./world.ts";

const MAX_CONTENT_BYTES = 1 << 20;
const RAW_TYPE = /application\/vnd\.github\.(v3\.)?raw/;

/**
 * A repository, its branches, commits, checks and files, for reading (docs.github.com/rest/repos,
 * docs.github.com/rest/commits).
 */
export const contentRoutes: readonly Route[] = [
  { method: "GET", path: "", needs: { contents: "read", issues: "read", pullRequests: "read" }, handle: getRepository },
  { method: "GET", path: "/branches/{branch*}", needs: { contents: "read" }, handle: getBranch },
  { method: "GET", path: "/commits", needs: { contents: "read" }, handle: listCommits },
  { method: "GET", path: "/commits/{ref}/check-runs", needs: { contents: "read" }, handle: listCheckRuns },
  { method: "GET", path: "/commits/{ref}/status", needs: { contents: "read" }, handle: combinedStatus },
  { method: "GET", path: "/commits/{ref*}", needs: { contents: "read" }, handle: getCommit },
  { method: "GET", path: "/contents", needs: { contents: "read" }, handle: getContents },
  { method: "GET", path: "/contents/{path*}", needs: { contents: "read" }, handle: getContents },
];

type Place = { readonly world: World; readonly repository: Repository };

async function defaultBranchOf({ bare }: Repository): Promise<string> {
  return await bare.defaultBranch();
}

async function getRepository({ world, repository, caller }: Call): Promise<Answer> {
  const { id, owner, name, fullName, options } = repository;
  const isPrivate = options.private === true;
  const level = caller?.permissions.contents ?? "none";
  return ok({
    ...{ id, node_id: nodeId("R", id), name, full_name: fullName, private: isPrivate },
    ...{ visibility: isPrivate ? "private" : "public", fork: false, archived: false, disabled: false },
    owner: { login: owner, type: "Organization" },
    html_url: webUrlOf(world, repository),
    url: apiUrlOf(world, repository),
    clone_url: `${webUrlOf(world, repository)}.git`,
    default_branch: await defaultBranchOf(repository),
    ...(caller === undefined
      ? {}
      : { permissions: { admin: false, push: level === "write", pull: level !== "none" || !isPrivate } }),
  });
}

async function getBranch(call: Call): Promise<Answer> {
  const name = call.part("branch");
  const ref = await call.repository.bare.ref(`refs/heads/${name}`);
  if (ref === undefined) throw new Refusal(404, "Branch not found");
  const commit = await showCommit(call, ref.sha);
  return ok({ name, commit, protected: call.repository.protectedBranches.has(name) });
}

async function commitNamed({ bare }: Repository, name: string): Promise<string> {
  const found = await bare.commitOf(name.replace(/^(refs\/)?(heads|tags)\//, ""));
  if (found === undefined) throw new Refusal(422, `No commit found for SHA: ${name}`);
  return found;
}

async function getCommit(call: Call): Promise<Answer> {
  const { bare } = call.repository;
  const sha = await commitNamed(call.repository, call.part("ref"));
  if (call.exchange.headers.accept?.includes("application/vnd.github.sha") === true) {
    return {
      status: 200,
      headers: { "content-type": "application/vnd.github.sha; charset=utf-8" },
      bytes: Buffer.from(sha),
    };
  }
  const files = await changedFiles(bare, ["diff-tree", "--root", "--no-commit-id", sha]);
  return ok({ ...(await showCommit(call, sha)), files });
}

async function listCommits(call: Call): Promise<Answer> {
  const { url, repository } = call;
  const start = url.searchParams.get("sha") ?? (await defaultBranchOf(repository));
  const file = url.searchParams.get("path");
  const sha = await repository.bare.commitOf(start);
  if (sha === undefined) throw notFound();
  const log = await repository.bare.read(["rev-list", sha, ...(file === null ? [] : ["--", file])]);
  const answer = page(url, log.split("\n").filter(Boolean), (one) => one);
  const shown = await Promise.all((answer.json as string[]).map((one) => showCommit(call, one)));
  return { ...answer, json: shown };
}

async function combinedStatus(call: Call): Promise<Answer> {
  const sha = await commitNamed(call.repository, call.part("ref"));
  return ok({
    state: "pending",
    statuses: [],
    sha,
    total_count: 0,
    url: `${apiUrlOf(call.world, call.repository)}/commits/${sha}/status`,
  });
}

async function listCheckRuns(call: Call): Promise<Answer> {
  const sha = await commitNamed(call.repository, call.part("ref"));
  const name = call.url.searchParams.get("check_name");
  const found = call.repository.checkRuns.filter((run) => run.headSha === sha && (name === null || run.name === name));
  const show = ({ id, ...run }: (typeof found)[number]) => ({
    ...{ id, node_id: nodeId("CR", id), name: run.name, head_sha: run.headSha, status: run.status },
    ...{ conclusion: run.conclusion ?? null, html_url: `${webUrlOf(call.world, call.repository)}/runs/${id}` },
  });
  return page(call.url, found, show, (entries) => ({ total_count: found.length, check_runs: entries }));
}

/** What `git diff-tree` and `git diff` say of files, as GitHub shows it, without the patches. */
export async function changedFiles(bare: BareRepository, command: readonly string[]) {
  const [verb = "", ...rest] = command;
  const options = ["-r", "--no-renames"];
  const raw = await bare.readOfHashes([verb, ...options, "--raw", "--no-abbrev", ...rest]);
  const counts = await bare.readOfHashes([verb, ...options, "--numstat", ...rest]);
  const numbers = new Map(counts.split("\n").map((line) => [line.split("\t")[2] ?? "", line.split("\t").map(Number)]));
  const words: Readonly<Record<string, string>> = { A: "added", D: "removed", M: "modified", T: "changed" };
  return raw
    .split("\n")
    .filter((line) => line.startsWith(":"))
    .map((line) => {
      const [meta = "", filename = ""] = line.split("\t");
      const [, , , sha = "", letter = ""] = meta.split(" ");
      const [additions = 0, deletions = 0] = numbers.get(filename) ?? [];
      return {
        sha,
        filename,
        status: words[letter] ?? "changed",
        additions,
        deletions,
        changes: additions + deletions,
      };
    });
}

/** A commit as it stands in lists. */
export async function showCommit({ world, repository }: Place, sha: string) {
  const format = ["%T", "%P", "%an", "%ae", "%aI", "%cn", "%ce", "%cI", "%B"].join("%x00");
  const text = await repository.bare.readOfHashes(["log", "-1", `--format=${format}`, sha]);
  const [tree = "", parents = "", an = "", ae = "", ad = "", cn = "", ce = "", cd = "", message = ""] =
    text.split("\0");
  const api = apiUrlOf(world, repository);
  const utc = (date: string) => new Date(date).toISOString().replace(".000Z", "Z");
  const loginOf = (email: string) => {
    const login = /^(.+)@users\.noreply\.github\.com$/.exec(email)?.[1];
    return login === undefined ? null : { login };
  };
  return {
    ...{
      sha,
      node_id: nodeId("C", sha),
      url: `${api}/commits/${sha}`,
      html_url: `${webUrlOf(world, repository)}/commit/${sha}`,
    },
    commit: {
      author: { name: an, email: ae, date: utc(ad) },
      committer: { name: cn, email: ce, date: utc(cd) },
      ...{ message: message.trimEnd(), tree: { sha: tree, url: `${api}/git/trees/${tree}` }, comment_count: 0 },
      verification: { verified: false, reason: "unsigned", signature: null, payload: null },
    },
    ...{ author: loginOf(ae), committer: loginOf(ce) },
    parents: parents
      .split(" ")
      .filter(Boolean)
      .map((parent) => ({ sha: parent, url: `${api}/commits/${parent}` })),
  };
}

async function getContents(call: Call): Promise<Answer> {
  const { bare } = call.repository;
  const ref = call.url.searchParams.get("ref") ?? (await defaultBranchOf(call.repository));
  const sha = await bare.commitOf(ref.replace(/^refs\/(heads|tags)\//, ""));
  if (sha === undefined) throw new Refusal(404, `No commit found for the ref ${ref}`);
  const wanted = call.part("path").replace(/\/+$/, "");
  const listed = await bare.read(["ls-tree", "-l", "-z", sha, ...(wanted === "" ? [] : ["--", wanted])]);
  const [entry] = parseTree(listed);
  if (wanted === "" || entry?.type === "tree") return await showFolder(call, sha, wanted, ref);
  if (entry === undefined) throw notFound();
  return await showFile(call, entry, ref);
}

interface TreeEntry {
  readonly type: string;
  readonly sha: string;
  readonly sizeBytes: number;
  readonly path: string;
}

function parseTree(text: string): TreeEntry[] {
  return text
    .split("\0")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const [meta = "", path = ""] = line.split("\t");
      const [, type = "", sha = "", size = ""] = meta.split(/ +/);
      return { type, sha, sizeBytes: Number(size) || 0, path };
    });
}

async function showFolder(call: Call, sha: string, folder: string, ref: string): Promise<Answer> {
  const listed = await call.repository.bare.read([
    "ls-tree",
    "-l",
    "-z",
    sha,
    ...(folder === "" ? [] : ["--", `${folder}/`]),
  ]);
  return ok(parseTree(listed).map((entry) => describe(call, entry, ref)));
}

async function showFile(call: Call, entry: TreeEntry, ref: string): Promise<Answer> {
  const { stdout } = await call.repository.bare.git(["cat-file", "blob", entry.sha]);
  if (RAW_TYPE.test(call.exchange.headers.accept ?? "")) {
    return {
      status: 200,
      headers: { "content-type": "application/vnd.github.raw+json; charset=utf-8" },
      bytes: stdout,
    };
  }
  const isLarge = stdout.length > MAX_CONTENT_BYTES;
  const content = isLarge
    ? ""
    : stdout
        .toString("base64")
        .replace(/(.{60})/g, "$1\n")
        .replace(/([^\n])$/, "$1\n");
  return ok({ ...describe(call, entry, ref), content, encoding: isLarge ? "none" : "base64" });
}

function describe({ world, repository }: Place, { type, sha, sizeBytes, path }: TreeEntry, ref: string) {
  const api = apiUrlOf(world, repository);
  const place = path.split("/").map(encodeURIComponent).join("/");
  const kind = type === "tree" ? "dir" : "file";
  const url = `${api}/contents/${place}?ref=${encodeURIComponent(ref)}`;
  const html = `${webUrlOf(world, repository)}/${type === "tree" ? "tree" : "blob"}/${ref}/${place}`;
  const gitUrl = `${api}/git/${type}s/${sha}`;
  return {
    ...{ name: path.split("/").at(-1), path, sha, size: sizeBytes, url, html_url: html, git_url: gitUrl },
    ...{ download_url: null, type: kind, _links: { self: url, git: gitUrl, html } },
  };
}
