import { type Answer, redirect } from "./answers.ts";
import { latestOf, publishedRelease } from "./releases.ts";
import type { Handle } from "./server.ts";
import { signedUrl } from "./storage.ts";
import { repositoryNamed, type World } from "./world.ts";

const NOT_FOUND: Answer = {
  status: 404,
  headers: { "content-type": "text/plain; charset=utf-8" },
  bytes: Buffer.from("Not Found"),
};

/** Downloads for browsers: released assets of public repositories, and nothing else. */
export function webHandler(world: World, git: Handle): Handle {
  return async (exchange) => {
    const { pathname } = exchange.url;
    if (/^\/[^/]+\/[^/]+\.git\//.test(pathname)) return await git(exchange);
    if (exchange.method !== "GET" && exchange.method !== "HEAD") return NOT_FOUND;
    return download(world, pathname) ?? NOT_FOUND;
  };
}

function download(world: World, pathname: string): Answer | undefined {
  const [, owner = "", name = "", rest = ""] = /^\/([^/]+)\/([^/]+)\/releases\/(.+)$/.exec(pathname) ?? [];
  const repository = repositoryNamed(world, owner, name);
  if (repository === undefined || repository.options.private === true) return undefined;
  const latest = /^latest\/download\/([^/]+)$/.exec(rest);
  if (latest !== null) {
    const found = latestOf(repository);
    const to = `${world.at.web}/${repository.fullName}/releases/download/${encodeURIComponent(found?.tagName ?? "")}/${latest[1]}`;
    return found === undefined ? undefined : redirect(302, to);
  }
  const [, tag = "", file = ""] = /^download\/(.+)\/([^/]+)$/.exec(rest) ?? [];
  const release = publishedRelease(repository, decodeURIComponent(tag));
  const asset = release?.assets.find((one) => one.name === decodeURIComponent(file) && one.state === "uploaded");
  if (asset === undefined) return undefined;
  asset.downloadCount += 1;
  return redirect(302, signedUrl(world, `release-assets/${asset.id}`));
}
