import { withDeadline } from "@forgebench/io";
import { addressProblem, isLoopback } from "@forgebench/transfer";
import { boundedBody } from "../client/bounded-body.ts";

/** The shown snapshot and links of a page, as far as its text has them; status 0 if no answer came. */
interface PublishedPage {
  readonly status: number;
  /** Absent: it has no id of a snapshot. */
  readonly shownSnapshotId?: string;
  readonly links: readonly { readonly url: string; readonly status: number }[];
}

interface PageRequest {
  /** https, or this machine. */
  readonly url: string;
  /** The one that should be shown, then others that might be. */
  readonly snapshotIds: readonly string[];
  readonly signal: AbortSignal;
  /** Smaller in tests. */
  readonly timeoutMs?: number;
}

const MAX_PAGE_BYTES = 4 << 20;
const MAX_LINKS = 40;
const MAX_REDIRECTS = 5;
const LINKS_AT_ONCE = 4;
const ATTEMPTS = 2;
const TIMEOUT_MS = 15_000;

/** Requests a page and its links, without a token. Its text is searched, never run. */
export async function readPublishedPage(request: PageRequest): Promise<PublishedPage> {
  const page = await fetchText(request);
  if (page.status < 200 || page.status >= 300) return { status: page.status, links: [] };
  const shownSnapshotId = shownIdOf(page.text, request.snapshotIds);
  const waiting = linksOf(page.text, page.url);
  const statuses = new Map<string, number>();
  const worker = async () => {
    for (let url = waiting.shift(); url !== undefined; url = waiting.shift()) {
      statuses.set(url.href, await statusOf(url, new URL(request.url), request));
    }
  };
  await Promise.all(Array.from({ length: LINKS_AT_ONCE }, worker));
  const links = [...statuses].map(([url, status]) => ({ url, status }));
  return { status: page.status, ...(shownSnapshotId === undefined ? {} : { shownSnapshotId }), links };
}

/** The first of the ids that is in the text; else any text that looks like one. */
export function shownIdOf(text: string, snapshotIds: readonly string[]): string | undefined {
  const found = new Set(text.match(/(?<![\d.])\d{1,16}\.\d{1,7}(?![\d.]*\d)/g) ?? []);
  return snapshotIds.find((id) => found.has(id)) ?? [...found].find((id) => /^\d{8,}\.[1-9]/.test(id));
}

/** The addresses of the links of a page, each once: https, or this machine if the page itself is on it. */
export function linksOf(text: string, page: URL): URL[] {
  const targets = text.matchAll(/<a\s[^<>]*?\bhref\s?=\s?(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>]+))/gi);
  const urls = new Map<string, URL>();
  for (const [, double, single, bare] of targets) {
    const target = (double ?? single ?? bare ?? "").replace(/&amp;/g, "&").trim();
    if (urls.size >= MAX_LINKS || target === "" || !URL.canParse(target, page.href)) continue;
    const url = new URL(target, page.href);
    url.hash = "";
    if (addressProblem(url) === undefined) urls.set(url.href, url);
  }
  return [...urls.values()];
}

/** Whether an address is private: a public page must not link to it. */
export function isInside({ hostname }: URL): boolean {
  return (
    /^(0|10|127|169\.254|192\.168|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./.test(hostname) ||
    /^\[(::|f[cd]|fe[89ab])/.test(hostname) ||
    /(^|\.)(localhost|local|internal)\.?$/.test(hostname) ||
    (!hostname.includes(".") && !hostname.startsWith("["))
  );
}

async function statusOf(url: URL, page: URL, request: PageRequest): Promise<number> {
  if (!isLoopback(page) && isInside(url)) return 0;
  let status = 0;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    status = (await ask(url, request, false))?.status ?? 0;
    if (status !== 0 && status !== 429 && status < 500) break;
  }
  return status;
}

async function fetchText(request: PageRequest): Promise<{ status: number; text: string; url: URL }> {
  const first = new URL(request.url);
  let url = first;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
    const answer = await ask(url, request, true);
    if (answer === undefined) break;
    const { status, movedTo, text } = answer;
    if (movedTo === undefined) return text === undefined ? { status: 0, text: "", url } : { status, text, url };
    if (!URL.canParse(movedTo, url.href)) break;
    url = new URL(movedTo, url.href);
    if (addressProblem(url) !== undefined || (!isLoopback(first) && isInside(url))) break;
  }
  return { status: 0, text: "", url };
}

interface PageAnswer {
  readonly status: number;
  readonly movedTo: string | undefined;
  /** Undefined if it was not wanted, is incomplete or too long. */
  readonly text: string | undefined;
}

/** Undefined where no answer came in time. */
async function ask(
  url: URL,
  { signal, timeoutMs = TIMEOUT_MS }: PageRequest,
  wantsText: boolean,
): Promise<PageAnswer | undefined> {
  try {
    return await withDeadline(signal, timeoutMs, async (limit) => {
      const options = { redirect: "manual", signal: limit, headers: { "user-agent": "forgebench" } } as const;
      const response = await fetch(url, options);
      const { status } = response;
      const isMoved = status >= 300 && status < 400;
      const movedTo = (isMoved ? response.headers.get("location") : null) ?? undefined;
      if (wantsText && movedTo === undefined) {
        const body = await boundedBody(response.body, MAX_PAGE_BYTES).catch(() => undefined);
        return { status, movedTo, text: body?.toString("utf8") };
      }
      await response.body?.cancel().catch(() => undefined);
      return { status, movedTo, text: undefined };
    });
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}
