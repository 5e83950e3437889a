import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";

/** The input of a local equivalent. */
interface LocalAction {
  readonly inputs: Readonly<Record<string, string>>;
  readonly workspace: string;
  /** Artifacts of this run, a folder each. */
  readonly artifacts: string;
  readonly artifactsOfRuns: Readonly<Record<string, string>>;
  readonly remote: string;
  readonly sha: string;
  readonly log: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** The local replacements of GitHub's actions. A workflow that uses any other action fails its rehearsal. */
export const LOCAL_ACTIONS: Readonly<
  Record<string, { readonly description: string; readonly run: (action: LocalAction) => Promise<void> }>
> = {
  "actions/checkout": { description: "git fetch from the stand-in", run: checkout },
  "actions/setup-node": { description: "the Node that runs the rehearsal", run: setupNode },
  "actions/upload-artifact": { description: "a copy into a folder of the run", run: uploadArtifact },
  "actions/attest": { description: "the sha256 of each file, which is not signed", run: attest },
  "actions/download-artifact": { description: "a copy from a folder of the run", run: downloadArtifact },
};

/** Without a user's git settings and credentials, as on a fresh machine. */
const GIT_ENV = { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1", GIT_TERMINAL_PROMPT: "0" };

async function checkout({ inputs, workspace, remote, sha, log, signal }: LocalAction): Promise<void> {
  const ref = inputs.ref === undefined || inputs.ref === "" ? sha : inputs.ref;
  const folder = path.resolve(workspace, inputs.path ?? ".");
  if (path.relative(workspace, folder).startsWith(".."))
    throw new Error(`"${inputs.path}" is outside of the workspace`);
  await mkdir(folder, { recursive: true });
  const git = async (...args: string[]) => {
    const { execa } = await import("execa");
    const cancel = signal === undefined ? {} : { cancelSignal: signal };
    await execa("git", args, { cwd: folder, env: GIT_ENV, timeout: 60_000, ...cancel });
  };
  await git("init", "-q", "-b", "main", ".");
  await git("remote", "add", "origin", remote);
  if (inputs["fetch-depth"] === "0") {
    await git("fetch", "-q", "origin", "+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*");
    if (/^[0-9a-f]{40}$/.test(ref)) await git("fetch", "-q", "origin", ref);
  } else {
    await git("fetch", "-q", "--depth=1", "origin", ref);
  }
  await git("checkout", "-q", "--detach", /^[0-9a-f]{40}$/.test(ref) ? ref : "FETCH_HEAD");
  log(`checked out ${ref}${inputs.path === undefined ? "" : ` into ${inputs.path}`}`);
}

async function setupNode({ inputs, log }: LocalAction): Promise<void> {
  const asked = inputs["node-version"] ?? "";
  const own = process.versions.node;
  log(
    asked.split(".")[0] === own.split(".")[0]
      ? `Node ${own}`
      : `note: the workflow asks for Node ${asked}; this is Node ${own}`,
  );
}

async function uploadArtifact({ inputs, workspace, artifacts, log }: LocalAction): Promise<void> {
  const { name = "artifact", path: source = "" } = inputs;
  if (/["*:<>|?\\/\r\n]/.test(name)) throw new Error(`the name of the artifact ${JSON.stringify(name)} is not allowed`);
  const from = path.resolve(workspace, source);
  const isHidden = source.split("/").some((part) => part.startsWith(".") && part !== "." && part !== "..");
  const files = existsSync(from) && (!isHidden || inputs["include-hidden-files"] === "true") ? await readdir(from) : [];
  if (files.length === 0) {
    const message = `no files were found at "${source}"; artifact "${name}" is not uploaded`;
    if (inputs["if-no-files-found"] === "error") throw new Error(message);
    log(`warning: ${message}`);
    return;
  }
  const to = path.join(artifacts, name);
  if (existsSync(to) && inputs.overwrite !== "true") throw new Error(`an artifact named "${name}" exists already`);
  await rm(to, { recursive: true, force: true });
  await cp(from, to, { recursive: true, verbatimSymlinks: true });
  log(`artifact "${name}": ${files.length} entries`);
}

async function downloadArtifact(action: LocalAction): Promise<void> {
  const { inputs, workspace, log } = action;
  const runId = inputs["run-id"];
  const source = runId === undefined ? action.artifacts : action.artifactsOfRuns[runId];
  if (source === undefined) throw new Error(`run ${runId} has no artifacts here`);
  const names = existsSync(source) ? (await readdir(source)).sort() : [];
  const to = path.resolve(workspace, inputs.path ?? ".");
  const { name, pattern } = inputs;
  if (name !== undefined) {
    if (!names.includes(name)) throw new Error(`there is no artifact "${name}", only: ${names.join(", ") || "none"}`);
    await copyArtifact(path.join(source, name), to);
    log(`artifact "${name}"`);
    return;
  }
  const wanted = names.filter((found) => pattern === undefined || globOf(pattern).test(found));
  // A single artifact comes into the folder itself, also where a pattern finds no other.
  const isTogether = inputs["merge-multiple"] === "true" || wanted.length === 1;
  for (const found of wanted) await copyArtifact(path.join(source, found), isTogether ? to : path.join(to, found));
  log(`artifacts: ${wanted.join(", ") || "none"}`);
}

async function attest({ inputs, workspace, log }: LocalAction): Promise<void> {
  const pattern = inputs["subject-path"] ?? "";
  const folder = path.resolve(workspace, path.dirname(pattern));
  const names = existsSync(folder) ? await readdir(folder) : [];
  const wanted = names.filter((name) => globOf(path.basename(pattern)).test(name));
  if (wanted.length === 0) throw new Error(`no file is at "${pattern}"`);
  for (const name of wanted) {
    const sha256 = createHash("sha256")
      .update(await readFile(path.join(folder, name)))
      .digest("hex");
    log(`${sha256}  ${name}`);
  }
}

async function copyArtifact(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  await cp(from, to, { recursive: true, verbatimSymlinks: true });
}

function globOf(pattern: string): RegExp {
  return new RegExp(`^${pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`);
}
