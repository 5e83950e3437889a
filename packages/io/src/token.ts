import { UsageError } from "@forgebench/errors";

/**
 * The token in the variable that `--token-env` names; nothing when none is named.
 * @throws {UsageError} when the variable is empty or holds more than a token. The token itself is never quoted.
 */
export function tokenOf(
  env: Readonly<Record<string, string | undefined>>,
  tokenEnv: string | undefined,
): string | undefined {
  if (tokenEnv === undefined) return undefined;
  const token = env[tokenEnv] ?? "";
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  const problem =
    token === "" ? "is not set" : "holds more than a token: a space, a line break or another odd character";
  throw new UsageError(`--token-env: the variable "${tokenEnv}" ${problem}`);
}
