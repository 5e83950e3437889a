import { InvariantError } from "@forgebench/errors";
import { type GitHub, send, sendForAll } from "./client.ts";
import { isStatus } from "./failure.ts";
import { parseRepositoryName, type RepositoryName } from "./github-flags.ts";

type Parameters = Readonly<Record<string, unknown>>;

/**
 * What GitHub answers about a repository, to a route below it such as `GET /releases/{id}`.
 * @throws {GitHubFailure}
 */
export async function ask(
  github: GitHub,
  repository: string,
  route: string,
  parameters: Parameters = {},
): Promise<unknown> {
  return (await send(github, below(route), { ...placeOf(repository), ...parameters })).data;
}

/** As {@link ask}, every page of a list. @throws {GitHubFailure} */
export function askForAll(
  github: GitHub,
  repository: string,
  route: string,
  parameters: Parameters = {},
): Promise<unknown[]> {
  return sendForAll(github, below(route), { ...placeOf(repository), ...parameters });
}

/** What a question came to; nothing where GitHub says that it is not there. @throws {GitHubFailure} for all else */
export async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isStatus(error, 404)) return undefined;
    throw error;
  }
}

function below(route: string): string {
  return route.replace(" ", " /repos/{owner}/{repo}").replace(/\/$/, "");
}

/** `OWNER/NAME` in its parts. */
export function placeOf(repository: string): RepositoryName {
  const name = parseRepositoryName(repository);
  if (name === undefined) throw new InvariantError(`"${repository}" is not owner/name`);
  return name;
}
