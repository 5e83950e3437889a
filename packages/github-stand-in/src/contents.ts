import { type Answer, notFound, ok, Refusal } from "./answers.ts";
import type { Call, Route } from "./api.ts";
import { page } from "./pages.ts";
import type { Repository } from "./world.ts";

/**
 * A repository, its branches, commits and files, for reading (docs.github.com/rest/repos,
 * docs.github.com/rest/commits).
 */
export const contentRoutes: readonly Route[] = [
  { method: "GET", path: "", needs: { contents: "read", issues: "read", pullRequests: "read" }, handle: getRepository },
  { method: "GET", path: "/branches/{branch*}", needs: { contents: "read" }, handle: getBranch },
  { method: "GET", path: "/commits", needs: { contents: "read" }, handle: listCommits },
  { method: "GET", path: "/commits/{ref*}", needs: { contents: "read" }, handle: getCommit },
  { method: "GET", path: "/contents/{path*}", needs: { contents: "read" }, handle: getContents },
];

async function getRepository({ repository, caller }: Call): Promise<Answer> {
  const { id, name, fullName, bare, options } = repository;
  const isPrivate = options.private === true;
  const level = caller?.permissions.contents ?? "none";
  return ok({
    id,
    name,
    full_name: fullName,
    private: isPrivate,
    default_branch: await bare.defaultBranch(),
    ...(caller === undefined ? {} : { permissions: { push: level === "write", pull: level !== "none" || !isPrivate } }),
  });
}

async function getBranch(call: Call): Promise<Answer> {
  const name = call.part("branch");
  const ref = await call.repository.bare.ref(`refs/heads/${name}`);
  if (ref === undefined) throw new Refusal(404, "Branch not found");
  return ok({ name, commit: { sha: ref.sha } });
}

async function getCommit({ repository, part }: Call): Promise<Answer> {
  const name = part("ref");
  const sha = await repository.bare.commitOf(name.replace(/^(refs\/)?(heads|tags)\//, ""));
  if (sha === undefined) throw new Refusal(422, `No commit found for SHA: ${name}`);
  return ok(await showCommit(repository, sha));
}

async function listCommits({ url, repository }: Call): Promise<Answer> {
  const { bare } = repository;
  const sha = await bare.commitOf(url.searchParams.get("sha") ?? (await bare.defaultBranch()));
  const file = url.searchParams.get("path");
  if (sha === undefined) throw notFound();
  return await pageOfCommits(
    repository,
    url,
    await bare.read(["rev-list", sha, ...(file === null ? [] : ["--", file])]),
  );
}

/** One page of the commits that `git rev-list` named. */
export async function pageOfCommits(repository: Repository, url: URL, listed: string): Promise<Answer> {
  const answer = page(url, listed.split("\n").filter(Boolean), (sha) => sha);
  return { ...answer, json: await Promise.all((answer.json as string[]).map((sha) => showCommit(repository, sha))) };
}

/** A commit, whose author has an account where the address is that of one. */
async function showCommit({ bare }: Repository, sha: string) {
  const text = await bare.readOfHashes(["log", "-1", "--format=%ae%x00%B", sha]);
  const [email = "", message = ""] = text.split("\0");
  const login = /^(.+)@users\.noreply\.github\.com$/.exec(email)?.[1];
  return { sha, commit: { message: message.trimEnd() }, author: login === undefined ? null : { login } };
}

/** A folder as the list of its names, a file raw or in base64, as the caller accepts it. */
async function getContents({ repository: { bare }, url, exchange, part }: Call): Promise<Answer> {
  const ref = url.searchParams.get("ref") ?? (await bare.defaultBranch());
  const sha = await bare.commitOf(ref.replace(/^refs\/(heads|tags)\//, ""));
  if (sha === undefined) throw new Refusal(404, `No commit found for the ref ${ref}`);
  const path = part("path");
  const type = await bare.git(["cat-file", "-t", `${sha}:${path}`]);
  if (type.exitCode !== 0) throw notFound();
  if (type.stdout.toString().trim() === "tree") {
    const names = (await bare.read(["ls-tree", "--name-only", `${sha}:${path}`])).split("\n");
    return ok(names.map((name) => ({ name })));
  }
  const { stdout } = await bare.git(["cat-file", "blob", `${sha}:${path}`]);
  if (/application\/vnd\.github\.(v3\.)?raw/.test(exchange.headers.accept ?? "")) {
    const headers = { "content-type": "application/vnd.github.raw+json; charset=utf-8" };
    return { status: 200, headers, bytes: stdout };
  }
  return ok({ type: "file", path, encoding: "base64", content: stdout.toString("base64") });
}
