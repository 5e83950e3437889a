import { type Answer, ok } from "./answers.ts";

const DEFAULT_PAGE_LENGTH = 30;
const MAX_PAGE_LENGTH = 100;

/** One page of a list, with the `Link` header that leads to the others; `wrap` puts the page into an object. */
export function page<T>(
  url: URL,
  all: readonly T[],
  show: (entry: T) => unknown,
  wrap: (entries: readonly unknown[]) => unknown = (entries) => entries,
): Answer {
  const length = Math.min(MAX_PAGE_LENGTH, countFrom(url, "per_page") ?? DEFAULT_PAGE_LENGTH);
  const number = countFrom(url, "page") ?? 1;
  const last = Math.max(1, Math.ceil(all.length / length));
  const entries = all.slice((number - 1) * length, number * length).map(show);
  const links = linksOf(number, last).map(([rel, to]) => `<${withPage(url, to)}>; rel="${rel}"`);
  return ok(wrap(entries), links.length === 0 ? undefined : { link: links.join(", ") });
}

function linksOf(number: number, last: number): (readonly [string, number])[] {
  return [
    ...(number > 1 ? [["prev", Math.min(number - 1, last)] as const] : []),
    ...(number < last
      ? ([
          ["next", number + 1],
          ["last", last],
        ] as const)
      : []),
    ...(number > 1 ? [["first", 1] as const] : []),
  ];
}

function withPage(url: URL, number: number): string {
  const other = new URL(url);
  other.searchParams.set("page", `${number}`);
  return other.href;
}

/** GitHub falls back to the default for what is no positive number. */
function countFrom(url: URL, name: string): number | undefined {
  const value = Number(url.searchParams.get(name) ?? "");
  return Number.isSafeInteger(value) && value > 0 ? value : undefined;
}
