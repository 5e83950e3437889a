import path from "node:path";
import { UsageError } from "@forgebench/errors";
import { type Credential, credentialIn } from "@forgebench/io";

/** Where a history is kept: in a folder, or on a branch of a git repository. */
export type StorePlace =
  | { readonly type: "folder"; readonly folder: string }
  | { readonly type: "branch"; readonly remote: string; readonly branch: string };

const DEFAULT_BRANCH = "forgebench-data";

const BRANCH = /^(?![/.-])(?!.*(\.\.|@\{|\/\/))[^\s~^:?*[\\]+(?<![/.])$/;
const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * Reads a `--store`: a folder, `REMOTE#BRANCH`, or an address alone, which means its branch `forgebench-data`. A remote
 * is a folder, `https://`, `ssh://` or `file://`; plain `http://` only of this machine.
 * @throws {UsageError} naming the flag and what is wrong.
 */
export function parseStorePlace(text: string, flag: string, cwd: string): StorePlace {
  const hash = text.lastIndexOf("#");
  const isAddress = /^[a-z][a-z0-9+.-]*:/i.test(text);
  if (hash < 0 && !isAddress) return { type: "folder", folder: path.resolve(cwd, text) };
  const remote = hash < 0 ? text : text.slice(0, hash);
  const branch = (hash < 0 ? "" : text.slice(hash + 1)) || DEFAULT_BRANCH;
  if (!BRANCH.test(branch)) throw wrong(flag, text, `${JSON.stringify(branch)} is not a valid branch name`);
  if (remote === "") throw wrong(flag, text, "names no repository before the #");
  if (isAddress) checkAddress(remote, flag, text);
  return { type: "branch", remote: isAddress ? remote : path.resolve(cwd, remote), branch };
}

function checkAddress(remote: string, flag: string, text: string): void {
  const url = URL.canParse(remote) ? new URL(remote) : undefined;
  if (url === undefined) throw wrong(flag, text, "is no address");
  if (url.password !== "" || (url.username !== "" && url.protocol !== "ssh:")) {
    // The address itself stays out of the message: it may hold a token.
    throw new UsageError(`--${flag}: the address holds a user name or a password, which logs would show`, [
      { label: "try", text: "leave it out and name the variable that holds the token: --token-env NAME" },
    ]);
  }
  const isAllowed =
    ["https:", "ssh:", "file:"].includes(url.protocol) || (url.protocol === "http:" && LOOPBACK.has(url.hostname));
  if (!isAllowed) throw wrong(flag, text, `uses ${url.protocol}//, which is not allowed here`);
}

/**
 * The credential for a store, in the variable that `--token-env` names; nothing when none is named.
 * @throws {UsageError} if it would be useless or visible to others, and as `credentialIn`.
 */
export function storeCredential(
  place: StorePlace,
  env: Readonly<Record<string, string | undefined>>,
  variable: string | undefined,
): Credential | undefined {
  if (variable === undefined) return undefined;
  const url = place.type === "branch" && URL.canParse(place.remote) ? new URL(place.remote) : undefined;
  if (url !== undefined && (url.protocol === "https:" || url.protocol === "http:")) {
    return credentialIn(env, variable, url.href);
  }
  throw new UsageError(`--token-env: a token is sent to https:// only, not to "${storeName(place)}"`, [
    { label: "try", text: "leave --token-env out, or give the https:// address of the repository" },
  ]);
}

/** The name of a store in messages: as the flag has it. */
export function storeName(place: StorePlace): string {
  return place.type === "folder" ? place.folder : `${place.remote}#${place.branch}`;
}

function wrong(flag: string, text: string, problem: string): UsageError {
  return new UsageError(`--${flag}: ${JSON.stringify(text)} ${problem}`, [
    { label: "expected", text: `a folder, or REMOTE#BRANCH with a folder or https:// address of a repository` },
  ]);
}
