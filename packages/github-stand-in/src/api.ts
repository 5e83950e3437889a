import { text } from "node:stream/consumers";
import { type Answer, notFound, ok, Refusal } from "./answers.ts";
import { type Caller, callerOf, demand, isVisible, type Needs } from "./auth.ts";
import { Fields, parseFields } from "./fields.ts";
import type { Exchange, Handle } from "./server.ts";
import { actor, type Repository, randomHex, repositoryNamed, repositoryRenamedFrom, type World } from "./world.ts";

const API_VERSION = "2022-11-28";

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

/** What one server of the API answers. */
interface Api {
  readonly world: World;
  readonly routes: readonly Route[];
}

/** The handler of the API and of uploads. */
export function apiHandler(api: Api): Handle {
  return async (exchange) => {
    const answer = await route(api, exchange).catch((error: unknown) => {
      if (error instanceof Refusal) return error.answer;
      throw error;
    });
    const headers = { "content-type": "application/json; charset=utf-8", "x-github-request-id": randomHex(8) };
    return { ...answer, headers: { ...headers, ...answer.headers } };
  };
}

async function route({ world, routes }: Api, exchange: Exchange): Promise<Answer> {
  const { method, url, headers } = exchange;
  if ((headers["user-agent"] ?? "") === "") throw new Refusal(403, "Please make sure your request has a User-Agent");
  const version = headers["x-github-api-version"] ?? API_VERSION;
  if (version !== API_VERSION) throw new Refusal(400, `${version} is not a supported API version`);
  const caller = callerOf(world, headers.authorization);
  if (`${method} ${url.pathname}` === "GET /user") {
    if (caller === undefined) throw new Refusal(401, "Requires authentication");
    return ok(actor(world, caller.login));
  }
  const found = findRepository(world, url.pathname);
  if (found === undefined || !isVisible(caller, found.repository)) throw notFound();
  if (found.isRenamed) return moved(world, found.repository, exchange, found.rest);
  for (const one of routes) {
    const parts = one.method === method ? match(one.path, found.rest) : undefined;
    if (parts !== undefined) return await call(world, one, { exchange, caller, repository: found.repository, parts });
  }
  throw notFound();
}

async function call(
  world: World,
  one: Route,
  {
    exchange,
    caller,
    repository,
    parts,
  }: Pick<Call, "exchange" | "caller" | "repository"> & { parts: ReadonlyMap<string, string> },
): Promise<Answer> {
  demand(caller, repository, one.needs);
  const hasBody = one.isRaw !== true && exchange.method !== "GET";
  const fields = hasBody ? parseFields(await text(exchange.body)) : new Fields({});
  const part = (name: string) => parts.get(name) ?? "";
  const work = async () => await one.handle({ world, repository, caller, exchange, url: exchange.url, fields, part });
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
  const status = exchange.method === "GET" ? 301 : 307;
  const location = `${world.at.api}/repositories/${id}${rest}${exchange.url.search}`;
  return { status, headers: { location }, json: { message: "Moved Permanently", url: location } };
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
