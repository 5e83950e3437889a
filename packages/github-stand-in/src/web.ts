import { type Answer, redirect } from "./answers.ts";
import { publishedRelease } from "./releases.ts";
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
    return exchange.method === "GET" ? (download(world, pathname) ?? NOT_FOUND) : NOT_FOUND;
  };
}

function download(world: World, pathname: string): Answer | undefined {
  const [, owner = "", name = "", tag = "", file = ""] =
    /^\/([^/]+)\/([^/]+)\/releases\/download\/(.+)\/([^/]+)$/.exec(pathname) ?? [];
  const repository = repositoryNamed(world, owner, name);
  if (repository === undefined || repository.options.private === true) return undefined;
  const release = publishedRelease(repository, decodeURIComponent(tag));
  const asset = release?.assets.find((one) => one.name === decodeURIComponent(file) && one.state === "uploaded");
  return asset === undefined ? undefined : redirect(signedUrl(world, asset));
}
