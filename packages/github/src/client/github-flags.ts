import { requiredText, textFlag } from "@forgebench/io";
import { isLoopback } from "@forgebench/transfer";

/** GitHub's rules for logins (with the `_suffix` of managed users) and for names of repositories. */
const OWNER = /^(?=.{1,80}$)[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*(?:_[A-Za-z0-9]+)?$/;
const NAME = /^(?!\.{1,2}$)(?!.*\.git$)[A-Za-z0-9._-]{1,100}$/i;

/** A repository on GitHub. */
interface RepositoryName {
  readonly owner: string;
  readonly repo: string;
}

/** `owner/name` in its parts; nothing when it cannot be the name of a repository. */
export function parseRepositoryName(text: string): RepositoryName | undefined {
  const [owner = "", repo = "", ...more] = text.split("/");
  return more.length === 0 && OWNER.test(owner) && NAME.test(repo) ? { owner, repo } : undefined;
}

/** The flag `--repo owner/name`. */
export function repoFlag(description: string) {
  const flag = requiredText({ placeholder: "OWNER/NAME", description });
  return {
    ...flag,
    parse: (text: string) => {
      if (parseRepositoryName(text) !== undefined) return text;
      throw new Error("is not the name of a repository\nowner/name, such as octo-org/images");
    },
  };
}

const HOW_API_URL = "https://api.github.com, or https://HOST/api/v3 of a GitHub Enterprise server";

/**
 * The address of an API, without a slash at its end.
 * @throws {Error} whose message completes "--api-url: … " where it may not be used.
 */
export function parseApiUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw new Error(`is not an address\n${HOW_API_URL}`);
  if (url.username !== "" || url.password !== "") {
    throw new Error("holds a user or password\nan address without them; the token comes from --token-env");
  }
  if (url.search !== "" || url.hash !== "") throw new Error(`holds more than a host and a path\n${HOW_API_URL}`);
  if (url.protocol === "http:" && !isLoopback(url)) {
    throw new Error(`is not encrypted\n${HOW_API_URL}; plain http only to this machine`);
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}

/** The flag `--git-url`: where `OWNER/NAME.git` are, without a slash at its end; https, or http on this machine. */
export function gitUrlFlag() {
  const flag = textFlag({
    placeholder: "URL",
    fallback: "https://github.com",
    description: "where the git repositories are, for GitHub Enterprise",
  });
  return { ...flag, parse: parseApiUrl };
}

/** The flag `--api-url`. */
export function apiUrlFlag() {
  const flag = textFlag({
    placeholder: "URL",
    fallback: "https://api.github.com",
    description: "the API's address, for GitHub Enterprise",
  });
  return { ...flag, parse: parseApiUrl };
}
