import { type FieldError, invalid } from "./answers.ts";
import type { Caller } from "./auth.ts";
import type { Fields } from "./fields.ts";
import type { Issue } from "./issue-state.ts";
import type { Repository, World } from "./world.ts";

const MAX_BODY_CHARACTERS = 65_536;
const MAX_TITLE_CHARACTERS = 256;
const MAX_LABEL_CHARACTERS = 50;

/** Issues and pull requests share their numbers. */
export function newIssue(
  world: World,
  repository: Repository,
  made: Pick<Issue, "title" | "body" | "pull"> & { readonly caller: Caller },
): Issue {
  const now = world.now();
  const { caller, ...given } = made;
  return {
    ...given,
    id: world.nextId(),
    number: (repository.issues.at(-1)?.number ?? 0) + 1,
    author: caller?.login ?? "",
    state: "open",
    stateReason: null,
    labels: [],
    comments: [],
    createdAt: now,
    updatedAt: now,
  };
}

/** Title and body, checked. @throws {Refusal} 422 when one is too long, or the title is missing or blank. */
export function textsOf(
  fields: Fields,
  resource: string,
  before: Pick<Issue, "title" | "body"> = { title: "", body: null },
) {
  const title = fields.text("title") ?? before.title;
  if (title.trim() === "") throw invalid({ resource, code: "missing_field", field: "title" });
  if (title.length > MAX_TITLE_CHARACTERS) throw invalid(tooLong(resource, "title", MAX_TITLE_CHARACTERS));
  const body = fields.has("body") ? (fields.text("body") ?? null) : before.body;
  checkBody(body, resource);
  return { title, body };
}

/** @throws {Refusal} 422 above the length that GitHub stores. */
export function checkBody(body: string | null, resource: string): void {
  if ((body?.length ?? 0) > MAX_BODY_CHARACTERS) throw invalid(tooLong(resource, "body", MAX_BODY_CHARACTERS));
}

const tooLong = (resource: string, field: string, limit: number): FieldError => ({
  resource,
  code: "custom",
  field,
  message: `${field} is too long (maximum is ${limit} characters)`,
});

/** Filtered by `state` (open when absent) and sorted as asked; newest first when nothing is said. */
export function selected<T extends Issue>(url: URL, issues: readonly T[]): T[] {
  const query = (name: string, fallback: string) => url.searchParams.get(name) ?? fallback;
  const state = query("state", "open");
  const date = query("sort", "created") === "updated" ? ("updatedAt" as const) : ("createdAt" as const);
  const sign = query("direction", "desc") === "asc" ? 1 : -1;
  return issues
    .filter((issue) => state === "all" || issue.state === state)
    .toSorted((a, b) => sign * (a[date].getTime() - b[date].getTime() || a.number - b.number));
}

/** Opens or closes; says nothing about whether that is allowed. */
export function setState(issue: Issue, state: "closed" | "open", reason: string | null = null): void {
  if (issue.state === state) return;
  issue.state = state;
  issue.stateReason = reason;
}

/** The names as the repository spells them; those that are not there are made. */
export function addLabels({ labels }: Repository, names: readonly string[]): string[] {
  for (const name of names) {
    if (name.trim() === "") throw invalid({ resource: "Label", code: "missing_field", field: "name" });
    if (name.length > MAX_LABEL_CHARACTERS) throw invalid(tooLong("Label", "name", MAX_LABEL_CHARACTERS));
    if (!labels.has(name.toLowerCase())) labels.set(name.toLowerCase(), name);
  }
  return [...new Set(names.map((name) => labels.get(name.toLowerCase()) ?? name))];
}
