import { type Answer, created, NO_CONTENT, notFound, ok, Refusal } from "./answers.ts";
import type { Call, Route } from "./api.ts";
import type { Ref } from "./git-repository.ts";
import { syncPulls } from "./pull-sync.ts";
import { isWellFormedTag } from "./release-rules.ts";
import type { Repository } from "./world.ts";

/** Branches, tags and annotated tags (docs.github.com/rest/git/refs, docs.github.com/rest/git/tags). */
export const refRoutes: readonly Route[] = [
  { method: "GET", path: "/git/ref/{ref*}", needs: { contents: "read" }, handle: getRef },
  { method: "POST", path: "/git/refs", needs: { contents: "write" }, handle: createRef },
  { method: "DELETE", path: "/git/refs/{ref*}", needs: { contents: "write" }, handle: deleteRef },
  { method: "GET", path: "/git/tags/{sha}", needs: { contents: "read" }, handle: getTag },
];

async function getRef(call: Call): Promise<Answer> {
  const found = await call.repository.bare.ref(`refs/${call.part("ref")}`);
  if (found === undefined) throw notFound();
  return ok(showRef(found));
}

async function createRef({ repository, fields }: Call): Promise<Answer> {
  const name = fields.requiredText("ref");
  const sha = fields.requiredText("sha");
  if (!/^refs\/[^/]+\/./.test(name) || !isWellFormedTag(name)) throw new Refusal(422, "Reference name is not valid");
  await demandObject(repository, sha);
  if (!(await repository.bare.createRef(name, sha))) throw new Refusal(422, "Reference already exists");
  return created(showRef((await repository.bare.ref(name)) ?? { name, sha, type: "commit" }));
}

async function deleteRef(call: Call): Promise<Answer> {
  const { repository } = call;
  const name = `refs/${call.part("ref")}`;
  if ((await repository.bare.ref(name)) === undefined) throw new Refusal(422, "Reference does not exist");
  const branch = name.replace(/^refs\/heads\//, "");
  if (repository.protectedBranches.has(branch)) throw new Refusal(422, "Cannot delete a protected branch");
  await repository.bare.deleteRef(name);
  await syncPulls(call.world, repository, call.caller?.login ?? "");
  return NO_CONTENT;
}

async function demandObject({ bare }: Repository, sha: string): Promise<void> {
  const isThere = /^[0-9a-f]{40}$/.test(sha) && (await bare.resolve(`${sha}^{object}`)) !== undefined;
  if (!isThere) throw new Refusal(422, "Object does not exist");
}

/** An annotated tag. */
async function getTag({ repository: { bare }, part }: Call): Promise<Answer> {
  const sha = part("sha");
  if ((await bare.git(["cat-file", "-t", sha])).stdout.toString().trim() !== "tag") throw notFound();
  const text = await bare.read(["cat-file", "tag", sha]);
  const field = (name: string) => new RegExp(`^${name} (.*)$`, "m").exec(text)?.[1] ?? "";
  return ok({ tag: field("tag"), sha, object: { type: field("type"), sha: field("object") } });
}

function showRef({ name, sha, type }: Ref) {
  return { ref: name, object: { sha, type } };
}
