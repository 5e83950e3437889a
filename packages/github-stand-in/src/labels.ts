import { type Answer, created, invalid, ok } from "./answers.ts";
import type { Call, Route } from "./api.ts";
import { page } from "./pages.ts";
import { apiUrlOf, nodeId, type Repository, type World } from "./world.ts";

const DEFAULT_COLOR = "ededed";
const MAX_NAME_CHARACTERS = 50;

/** The labels of a repository (docs.github.com/rest/issues/labels). */
export const labelRoutes: readonly Route[] = [
  { method: "GET", path: "/labels", needs: { issues: "read", pullRequests: "read" }, handle: listLabels },
  { method: "POST", path: "/labels", needs: { issues: "write", pullRequests: "write" }, handle: createLabel },
  { method: "GET", path: "/labels/{name}", needs: { issues: "read", pullRequests: "read" }, handle: getLabel },
];

type Place = { readonly world: World; readonly repository: Repository };

function listLabels(call: Call): Answer {
  return page(call.url, [...call.repository.labels.values()], ({ name }) => showLabel(call, name));
}

function getLabel(call: Call): Answer {
  const found = call.repository.labels.get(call.part("name").toLowerCase());
  return found === undefined
    ? { status: 404, json: { message: "Not Found", status: "404" } }
    : ok(showLabel(call, found.name));
}

function createLabel(call: Call): Answer {
  const { fields, repository, world } = call;
  const name = fields.requiredText("name");
  const color = fields.text("color") ?? DEFAULT_COLOR;
  checkName(name);
  if (!/^[0-9a-f]{6}$/i.test(color)) throw invalid({ resource: "Label", code: "invalid", field: "color" });
  if (repository.labels.has(name.toLowerCase()))
    throw invalid({ resource: "Label", code: "already_exists", field: "name" });
  repository.labels.set(name.toLowerCase(), {
    id: world.nextId(),
    name,
    color,
    description: fields.text("description") ?? null,
  });
  return created(showLabel(call, name));
}

function checkName(name: string): void {
  if (name.trim() === "") throw invalid({ resource: "Label", code: "missing_field", field: "name" });
  if (name.length <= MAX_NAME_CHARACTERS) return;
  const message = `name is too long (maximum is ${MAX_NAME_CHARACTERS} characters)`;
  throw invalid({ resource: "Label", code: "custom", field: "name", message });
}

/** The names as the repository spells them; those that are not there are made. */
export function addLabels({ world, repository }: Place, names: readonly string[]): string[] {
  for (const name of names) {
    checkName(name);
    if (repository.labels.has(name.toLowerCase())) continue;
    repository.labels.set(name.toLowerCase(), { id: world.nextId(), name, color: DEFAULT_COLOR, description: null });
  }
  return [...new Set(names.map((name) => repository.labels.get(name.toLowerCase())?.name ?? name))];
}

/** A label as answers show it; one that no call has made is shown with GitHub's usual colour. */
export function showLabel({ world, repository }: Place, name: string) {
  const { id, color, description } = repository.labels.get(name.toLowerCase()) ?? {
    id: 0,
    color: DEFAULT_COLOR,
    description: null,
  };
  const url = `${apiUrlOf(world, repository)}/labels/${encodeURIComponent(name)}`;
  return { id, node_id: nodeId("LA", id), url, name, color, default: false, description };
}
