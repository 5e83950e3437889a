/** The addresses that a download may use. All of it is decided here, without the network. */
export interface RedirectRules {
  readonly redirects: "same-host" | "any-host";
  /** Hosts (`host` or `host:port`) that a redirect may lead to besides the first address's own. */
  readonly allowedHosts?: readonly string[];
}

const MAX_REDIRECTS = 5;

/** An address as messages show it: without user, password, query and fragment, which may hold secrets. */
export function shownUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

/** Why an address is refused, as the end of a sentence; undefined if it is allowed. */
export function addressProblem(url: URL): string | undefined {
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    return `the scheme "${url.protocol}" is not supported; use https`;
  }
  if (url.username !== "" || url.password !== "") return "the address holds a user or a password; leave them out";
  if (url.protocol === "http:" && !isLoopback(url)) return "plain http is only for this machine; use https";
  return undefined;
}

/** Whether an address certainly leads to this machine: 127.0.0.0/8, ::1 or `localhost`. */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/** Further spellings by which systems reach this machine; nothing is fetched by them, and no redirect may lead there. */
function isThisMachine(url: URL): boolean {
  const { hostname } = url;
  const isMapped = /^\[::(ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4}|ffff:0:0)?\]$/.test(hostname);
  return isLoopback(url) || hostname === "0.0.0.0" || isMapped || /(^|\.)localhost\.?$/.test(hostname);
}

/**
 * Where an answer with a `Location` leads, after the addresses of `trail` (the first one asked, then every hop); or why it
 * is not followed.
 */
export function followRedirect(
  location: string | undefined,
  trail: readonly [URL, ...URL[]],
  rules: RedirectRules,
): { readonly url: URL } | { readonly problem: string } {
  const [first] = trail;
  const from = trail.at(-1) ?? first;
  if (location === undefined || location === "") return { problem: "the server redirects without saying where to" };
  if (!URL.canParse(location, from.href)) return { problem: "the server redirects to a text that is no address" };
  const url = new URL(location, from.href);
  url.hash = "";
  const problem =
    addressProblem(url) ??
    (trail.length > MAX_REDIRECTS ? `the server redirects more than ${MAX_REDIRECTS} times` : undefined) ??
    (trail.some(({ href }) => href === url.href) ? "the server redirects in a circle" : undefined) ??
    downgradeProblem(from, url) ??
    hostProblem(first, url, rules);
  return problem === undefined ? { url } : { problem: `${problem} (redirected to "${shownUrl(url)}")` };
}

function downgradeProblem(from: URL, to: URL): string | undefined {
  if (from.protocol === "https:" && to.protocol === "http:") return "a redirect from https to http is never followed";
  if (!isLoopback(from) && isThisMachine(to)) return "a redirect from another host to this machine is never followed";
  return undefined;
}

function hostProblem(first: URL, to: URL, { redirects, allowedHosts = [] }: RedirectRules): string | undefined {
  if (redirects === "any-host" || to.host === first.host || allowedHosts.includes(to.host)) return undefined;
  return `a redirect may not leave the host "${first.host}"`;
}
