import { type Answer, ok } from "./answers.ts";

const DEFAULT_PAGE_LENGTH = 30;
const MAX_PAGE_LENGTH = 100;

/** One page of a list, with the `Link` header that leads to the next one. */
export function page<T>(url: URL, all: readonly T[], show: (entry: T) => unknown): Answer {
  const length = Math.min(MAX_PAGE_LENGTH, countFrom(url, "per_page") ?? DEFAULT_PAGE_LENGTH);
  const number = countFrom(url, "page") ?? 1;
  const entries = all.slice((number - 1) * length, number * length).map(show);
  if (number * length >= all.length) return ok(entries);
  const next = new URL(url);
  next.searchParams.set("page", `${number + 1}`);
  return ok(entries, { link: `<${next.href}>; rel="next"` });
}

/** GitHub falls back to the default for what is no positive number. */
function countFrom(url: URL, name: string): number | undefined {
  const value = Number(url.searchParams.get(name) ?? "");
  return Number.isSafeInteger(value) && value > 0 ? value : undefined;
}
