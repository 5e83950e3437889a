import { type ChildProcessWithoutNullStreams, execFile, spawn } from "node:child_process";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import type { Answer } from "./answers.ts";
import { basicPassword, type Caller, isVisible, levelOf } from "./auth.ts";
import type { Exchange, Handle } from "./server.ts";
import { type Repository, repositoryNamed, repositoryRenamedFrom, type World } from "./world.ts";

/** Says no to the branches that `STAND_IN_PROTECTED` lists, in GitHub's words. */
const PRE_RECEIVE = `#!/bin/sh
status=0
while read -r _old _new ref; do
  case "
$STAND_IN_PROTECTED
" in
    *"
$ref
"*)
      echo "error: GH006: Protected branch update failed for $ref." >&2
      echo "error: Changes must be made through a pull request." >&2
      status=1 ;;
  esac
done
exit $status
`;

/** Where git keeps its programs; asked once. */
let execPath: Promise<{ readonly stdout: string }> | undefined;

interface GitBackend {
  readonly handle: Handle;
  /** Ends the children that still run. */
  stop(): void;
}

/** Serves the bare repositories through `git http-backend`; `onPush` is told after each push. */
export async function gitBackend(
  world: World,
  onPush: (repository: Repository, by: string) => Promise<void>,
): Promise<GitBackend> {
  execPath ??= promisify(execFile)("git", ["--exec-path"]);
  const { stdout } = await execPath;
  const hooks = path.join(world.folder, "hooks");
  await mkdir(hooks, { recursive: true });
  await writeFile(path.join(hooks, "pre-receive"), PRE_RECEIVE);
  await chmod(path.join(hooks, "pre-receive"), 0o755);
  const children = new Set<ChildProcessWithoutNullStreams>();
  const program = path.join(stdout.trim(), "git-http-backend");
  return {
    handle: async (exchange) => {
      const found = admit(world, exchange);
      if ("status" in found) return found;
      const child = spawn(program, { env: environment(exchange, found, hooks), detached: true });
      children.add(child);
      child.once("close", () => children.delete(child));
      exchange.signal.addEventListener("abort", () => end(child), { once: true });
      const isPush = exchange.method === "POST" && found.isWrite;
      return await talk(child, exchange, isPush ? () => onPush(found.repository, found.login) : undefined);
    },
    stop() {
      for (const child of children) end(child);
    },
  };
}

interface Admitted {
  readonly repository: Repository;
  readonly login: string;
  /** What follows `.git` in the path. */
  readonly rest: string;
  readonly isWrite: boolean;
}

function admit(world: World, exchange: Exchange): Admitted | Answer {
  const [, owner = "", name = "", rest = ""] = /^\/([^/]+)\/([^/]+)\.git(\/.*)$/.exec(exchange.url.pathname) ?? [];
  const service = serviceOf(exchange, rest);
  if (service === undefined) return say(403, "Please upgrade your git client.");
  const { authorization } = exchange.headers;
  const token = authorization === undefined ? undefined : (basicPassword(authorization) ?? "");
  const caller: Caller = token === undefined ? undefined : world.accounts.get(token);
  if (token !== undefined && (caller === undefined || caller.expired === true))
    return unauthorized("Invalid username or token.");
  const renamed = repositoryRenamedFrom(world, owner, name);
  const repository = repositoryNamed(world, owner, name) ?? renamed;
  if (repository === undefined || !isVisible(caller, repository)) {
    return caller === undefined ? unauthorized("No anonymous access.") : say(404, "Repository not found.");
  }
  if (repository === renamed) {
    return {
      ...say(301, ""),
      headers: { location: `${world.at.web}/${renamed.fullName}.git${rest}${exchange.url.search}` },
    };
  }
  const isWrite = service === "git-receive-pack";
  const level = levelOf(caller, repository, "contents");
  if (isWrite && caller === undefined) return unauthorized("No anonymous write access.");
  if (isWrite && level !== "write")
    return say(403, `Permission to ${repository.fullName}.git denied to ${caller?.login}.`);
  if (!isWrite && repository.options.private === true && level === "none")
    return say(403, "Access to repository not granted.");
  return { repository, login: caller?.login ?? "", rest, isWrite };
}

/** Undefined for what only the old protocol asks. */
function serviceOf({ method, url }: Exchange, rest: string): string | undefined {
  const service = method === "GET" && rest === "/info/refs" ? url.searchParams.get("service") : rest.slice(1);
  const isKnown = service === "git-upload-pack" || service === "git-receive-pack";
  return isKnown && (method === "GET") === (rest === "/info/refs") ? service : undefined;
}

const say = (status: number, message: string): Answer => ({
  status,
  headers: { "content-type": "text/plain; charset=utf-8" },
  bytes: Buffer.from(message),
});

const unauthorized = (message: string): Answer => ({
  ...say(401, message),
  headers: { "content-type": "text/plain; charset=utf-8", "www-authenticate": 'Basic realm="GitHub"' },
});

function environment(exchange: Exchange, admitted: Admitted, hooks: string): Record<string, string> {
  const { headers } = exchange;
  const { repository, rest, login } = admitted;
  const config = {
    "core.hooksPath": hooks,
    "safe.directory": "*",
    "receive.autogc": "false",
    "uploadpack.allowAnySHA1InWant": "true",
  };
  return {
    PATH: process.env.PATH ?? "",
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    ...numbered(config),
    GIT_HTTP_EXPORT_ALL: "1",
    PATH_TRANSLATED: `${repository.bare.folder}${rest}`,
    PATH_INFO: rest,
    REQUEST_METHOD: exchange.method,
    QUERY_STRING: exchange.url.search.slice(1),
    REMOTE_ADDR: "127.0.0.1",
    ...(login === "" ? {} : { REMOTE_USER: login }),
    ...named("CONTENT_TYPE", headers["content-type"]),
    ...named("CONTENT_LENGTH", headers["content-length"]),
    ...named("HTTP_CONTENT_ENCODING", headers["content-encoding"]),
    ...named("GIT_PROTOCOL", headers["git-protocol"]),
    STAND_IN_PROTECTED: [...repository.protectedBranches].map((branch) => `refs/heads/${branch}`).join("\n"),
  };
}

const named = (name: string, value: string | undefined) => (value === undefined ? {} : { [name]: value });

function numbered(config: Readonly<Record<string, string>>): Record<string, string> {
  const pairs = Object.entries(config).flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return { GIT_CONFIG_COUNT: `${Object.keys(config).length}`, ...Object.fromEntries(pairs) };
}

/** With all its own children. */
function end(child: ChildProcessWithoutNullStreams): void {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    child.kill("SIGKILL");
  }
}

/** Sends the request in and reads the answer's head; its body follows as it comes. */
async function talk(
  child: ChildProcessWithoutNullStreams,
  exchange: Exchange,
  onEnd?: () => Promise<void>,
): Promise<Answer> {
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  child.once("error", () => undefined);
  child.stderr.resume();
  pipeline(exchange.body, child.stdin).catch(() => {
    if (exchange.body.errored != null) end(child);
  });
  const output = child.stdout[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let read = Buffer.alloc(0);
  let headEnd = -1;
  while (headEnd < 0) {
    const { value, done } = await output.next();
    if (done === true) return { status: 500, json: { message: "git http-backend ended without an answer" } };
    read = Buffer.concat([read, value]);
    headEnd = read.indexOf("\r\n\r\n");
  }
  const { status, headers } = parseHead(read.subarray(0, headEnd).toString("latin1"));
  async function* body() {
    if (read.length > headEnd + 4) yield read.subarray(headEnd + 4);
    for (let next = await output.next(); next.done !== true; next = await output.next()) yield next.value;
    await closed;
    await onEnd?.();
  }
  return { status, headers, bytes: Readable.from(body()) };
}

function parseHead(text: string) {
  const lines = text.split("\r\n").map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  const { status = "200", ...headers }: Record<string, string> = Object.fromEntries(lines);
  return { status: Number.parseInt(status, 10), headers };
}
