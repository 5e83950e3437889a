import { type Answer, notFound, Refusal } from "./answers.ts";
import { type Caller, callerOf, demand, isVisible, type Needs } from "./auth.ts";
import { Fields, parseFields } from "./fields.ts";
import { type Limits, quotaHeaders } from "./limits.ts";
import type { Exchange, Handle } from "./server.ts";
import { type Repository, randomHex, repositoryNamed, repositoryRenamedFrom, type World } from "./world.ts";

const MAX_BODY_BYTES = 10 << 20;
const ADMINISTRATIVE_RULES =
  "\r\nRequest forbidden by administrative rules. Please make sure your request has a User-Agent header (https://docs.github.com/en/rest/overview/resources-in-the-rest-api#user-agent-required). Check https://developer.github.com for other possible causes.\r\n";

/** A call of a repository's route, after all that is the same for every route. */
export interface Call {
  readonly world: World;
  readonly repository: Repository;
  readonly caller: Caller;
  readonly exchange: Exchange;
  readonly url: URL;
  readonly fields: Fields;
  /** A part of the path that the route names. */
  part(name: string): string;
}

/** One call of the API below a repository, and what the caller's token must be allowed for it. */
export interface Route {
  readonly method: string;
  /** After `/repos/OWNER/NAME`; `{name}` is one part of the path, `{name*}` the rest of it. */
  readonly path: string;
  readonly needs: Needs;
  readonly handle: (call: Call) => Promise<Answer> | Answer;
  /** The body is no JSON and is read by the route. */
  readonly isRaw?: boolean;
}

interface Api {
  readonly world: World;
  readonly limits: Limits;
  readonly routes: readonly Route[];
  /** Routes of no repository: method and path. */
  readonly globalRoutes: Readonly<Record<string, (caller: Caller) => Answer>>;
}

/** The handler of the API and of uploads. */
export function apiHandler(api: Api): Handle {
  return async (exchange) => {
    if ((exchange.headers["user-agent"] ?? "") === "") {
      return {
        status: 403,
        headers: { "content-type": "text/html; charset=utf-8" },
        bytes: Buffer.from(ADMINISTRATIVE_RULES),
      };
    }
    const { world } = api;
    const nowMs = world.now().getTime();
    let caller: Caller;
    const answer = await (async () => {
      caller = callerOf(world, exchange.headers.authorization);
      if (`${exchange.method} ${exchange.url.pathname}` !== "GET /rate_limit") api.limits.count(caller, nowMs);
      return await route(api, exchange, caller);
    })().catch((error: unknown) => {
      if (error instanceof Refusal) return error.answer;
      throw error;
    });
    return {
      ...answer,
      headers: { ...commonHeaders(exchange), ...quotaHeaders(api.limits.quota(caller, nowMs)), ...answer.headers },
    };
  };
}

function commonHeaders(exchange: Exchange): Record<string, string> {
  return {
    "x-github-request-id": randomHex(8).toUpperCase(),
    "x-github-media-type": "github.v3; format=json",
    "x-github-api-version-selected": exchange.headers["x-github-api-version"] ?? "2022-11-28",
    "content-type": "application/json; charset=utf-8",
    "cache-control": "private, max-age=60, s-maxage=60",
    vary: "Accept, Authorization, Cookie, X-GitHub-OTP",
  };
}

async function route(api: Api, exchange: Exchange, caller: Caller): Promise<Answer> {
  const version = exchange.headers["x-github-api-version"];
  if (version !== undefined && version !== "2022-11-28")
    throw new Refusal(400, `${version} is not a supported API version`);
  const { pathname } = exchange.url;
  const global = api.globalRoutes[`${exchange.method} ${pathname}`];
  if (global !== undefined) return global(caller);
  const found = findRepository(api.world, pathname);
  if (found === undefined || !isVisible(caller, found.repository)) throw notFound();
  if (found.isRenamed) return moved(api.world, found.repository, exchange, found.rest);
  for (const one of api.routes) {
    const parts = one.method === exchange.method ? match(one.path, found.rest) : undefined;
    if (parts !== undefined) return await call(api, one, { exchange, caller, repository: found.repository, parts });
  }
  throw notFound();
}

async function call(
  api: Api,
  one: Route,
  {
    exchange,
    caller,
    repository,
    parts,
  }: Pick<Call, "exchange" | "caller" | "repository"> & { parts: ReadonlyMap<string, string> },
): Promise<Answer> {
  demand(caller, repository, one.needs);
  const hasBody = one.isRaw !== true && exchange.method !== "GET" && exchange.method !== "HEAD";
  const fields = hasBody ? parseFields(await readText(exchange)) : new Fields({});
  const part = (name: string) => parts.get(name) ?? "";
  const work = async () =>
    await one.handle({ world: api.world, repository, caller, exchange, url: exchange.url, fields, part });
  return exchange.method === "GET" || one.isRaw === true ? await work() : await repository.turn.take(work);
}

function findRepository(world: World, pathname: string) {
  const byName = /^\/repos\/([^/]+)\/([^/]+)(\/.*)?$/.exec(pathname);
  if (byName !== null) {
    const [, owner = "", name = "", rest = ""] = byName;
    const repository = repositoryNamed(world, owner, name);
    if (repository !== undefined) return { repository, rest, isRenamed: false };
    const renamed = repositoryRenamedFrom(world, owner, name);
    return renamed === undefined ? undefined : { repository: renamed, rest, isRenamed: true };
  }
  const [, id = "", rest = ""] = /^\/repositories\/(\d+)(\/.*)?$/.exec(pathname) ?? [];
  const repository = world.repositories.find((one) => `${one.id}` === id);
  return repository === undefined ? undefined : { repository, rest, isRenamed: false };
}

function moved(world: World, { id }: Repository, exchange: Exchange, rest: string): Answer {
  const status = exchange.method === "GET" || exchange.method === "HEAD" ? 301 : 307;
  const location = `${world.at.api}/repositories/${id}${rest}${exchange.url.search}`;
  const json = { message: "Moved Permanently", url: location, documentation_url: "https://docs.github.com/rest" };
  return { status, headers: { location }, json };
}

function match(pattern: string, rest: string): ReadonlyMap<string, string> | undefined {
  const names: string[] = [];
  const source = pattern.replace(/\{(\w+)(\*?)\}/g, (_all, name: string, star: string) => {
    names.push(name);
    return star === "" ? "([^/]+)" : "(.+)";
  });
  const found = new RegExp(`^${source}$`).exec(rest);
  if (found === null) return undefined;
  try {
    return new Map(names.map((name, index) => [name, decodeURIComponent(found[index + 1] ?? "")]));
  } catch {
    return undefined;
  }
}

async function readText({ body }: Exchange): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of body) {
    sizeBytes += (chunk as Buffer).length;
    if (sizeBytes > MAX_BODY_BYTES) throw new Refusal(413, "Request body too large");
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}
