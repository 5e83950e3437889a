import { type Answer, created, NO_CONTENT, notFound, ok, Refusal } from "./answers.ts";
import type { Call, Route } from "./api.ts";
import type { Ref } from "./git-repository.ts";
import { page } from "./pages.ts";
import { syncPulls } from "./pull-sync.ts";
import { isWellFormedTag } from "./release-rules.ts";
import { publishedRelease } from "./releases.ts";
import { apiUrlOf, nodeId, type Repository, type World } from "./world.ts";

/** Branches, tags and annotated tags (docs.github.com/rest/git/refs, docs.github.com/rest/git/tags). */
export const refRoutes: readonly Route[] = [
  { method: "GET", path: "/git/ref/{ref*}", needs: { contents: "read" }, handle: getRef },
  { method: "GET", path: "/git/matching-refs/{ref*}", needs: { contents: "read" }, handle: matchingRefs },
  { method: "POST", path: "/git/refs", needs: { contents: "write" }, handle: createRef },
  { method: "PATCH", path: "/git/refs/{ref*}", needs: { contents: "write" }, handle: updateRef },
  { method: "DELETE", path: "/git/refs/{ref*}", needs: { contents: "write" }, handle: deleteRef },
  { method: "GET", path: "/git/tags/{sha}", needs: { contents: "read" }, handle: getTag },
];

async function getRef(call: Call): Promise<Answer> {
  const found = await call.repository.bare.ref(`refs/${call.part("ref")}`);
  if (found === undefined) throw notFound();
  return ok(showRef(call.world, call.repository, found));
}

/** Every ref whose name begins so, not only below a folder. */
async function matchingRefs(call: Call): Promise<Answer> {
  const prefix = `refs/${call.part("ref")}`;
  const found = (await call.repository.bare.refs([])).filter(({ name }) => name.startsWith(prefix));
  return page(call.url, found, (ref) => showRef(call.world, call.repository, ref));
}

async function createRef({ world, repository, fields }: Call): Promise<Answer> {
  const name = fields.requiredText("ref");
  const sha = fields.requiredText("sha");
  if (!/^refs\/[^/]+\/./.test(name) || !isWellFormedTag(name)) throw new Refusal(422, "Reference name is not valid");
  await demandObject(repository, sha);
  if (repository.spentTags.has(name.replace(/^refs\/tags\//, ""))) throw ruleViolation(`Cannot create ref ${name}`);
  if (!(await repository.bare.createRef(name, sha))) throw new Refusal(422, "Reference already exists");
  const [made] = (await repository.bare.refs([name])).filter((ref) => ref.name === name);
  return created(showRef(world, repository, made ?? { name, sha, type: "commit" }));
}

async function updateRef(call: Call): Promise<Answer> {
  const { world, repository, fields } = call;
  const { bare } = repository;
  const name = `refs/${call.part("ref")}`;
  const sha = fields.requiredText("sha");
  const isForced = fields.flag("force") ?? false;
  const found = await bare.ref(name);
  if (found === undefined) throw new Refusal(422, "Reference does not exist");
  await demandObject(repository, sha);
  refuseFrozen(repository, name, "update");
  const isForward = (await bare.git(["merge-base", "--is-ancestor", found.sha, sha])).exitCode === 0;
  if (!isForward && !isForced) throw new Refusal(422, "Update is not a fast forward");
  await bare.moveRef(name, sha);
  await syncPulls(world, repository, call.caller?.login ?? "");
  return ok(showRef(world, repository, { ...found, sha }));
}

async function deleteRef(call: Call): Promise<Answer> {
  const { repository } = call;
  const name = `refs/${call.part("ref")}`;
  if ((await repository.bare.ref(name)) === undefined) throw new Refusal(422, "Reference does not exist");
  refuseFrozen(repository, name, "delete");
  await repository.bare.deleteRef(name);
  await syncPulls(call.world, repository, call.caller?.login ?? "");
  return NO_CONTENT;
}

async function demandObject({ bare }: Repository, sha: string): Promise<void> {
  const isThere = /^[0-9a-f]{40}$/.test(sha) && (await bare.resolve(`${sha}^{object}`)) !== undefined;
  if (!isThere) throw new Refusal(422, "Object does not exist");
}

/** Tags of immutable releases and protected branches stay as they are. */
function refuseFrozen(repository: Repository, name: string, verb: "delete" | "update"): void {
  const tag = /^refs\/tags\/(.+)$/.exec(name)?.[1];
  if (tag !== undefined && publishedRelease(repository, tag)?.isImmutable === true)
    throw ruleViolation(`Cannot ${verb} this tag`);
  const branch = /^refs\/heads\/(.+)$/.exec(name)?.[1] ?? "";
  if (repository.protectedBranches.has(branch)) throw new Refusal(422, `Cannot ${verb} a protected branch`);
}

const ruleViolation = (what: string) => new Refusal(422, `Repository rule violations found\n\n${what}.\n`);

async function getTag(call: Call): Promise<Answer> {
  const { bare } = call.repository;
  const sha = call.part("sha");
  const kind = await bare.git(["cat-file", "-t", sha]);
  if (kind.stdout.toString().trim() !== "tag") throw notFound();
  const text = await bare.read(["cat-file", "tag", sha]);
  const [head = "", message = ""] = [text.slice(0, text.indexOf("\n\n")), text.slice(text.indexOf("\n\n") + 2)];
  const field = (name: string) => new RegExp(`^${name} (.*)$`, "m").exec(head)?.[1] ?? "";
  const [, name = "", email = "", seconds = "0"] = /^(.*) <(.*)> (\d+)/.exec(field("tagger")) ?? [];
  const api = apiUrlOf(call.world, call.repository);
  return ok({
    ...{ node_id: nodeId("TA", sha), tag: field("tag"), sha, url: `${api}/git/tags/${sha}`, message },
    tagger: { name, email, date: new Date(Number(seconds) * 1000).toISOString() },
    object: { type: field("type"), sha: field("object"), url: `${api}/git/${field("type")}s/${field("object")}` },
    verification: { verified: false, reason: "unsigned", signature: null, payload: null },
  });
}

function showRef(world: World, repository: Repository, { name, sha, type }: Ref) {
  const api = apiUrlOf(world, repository);
  const url = `${api}/git/${name}`;
  return { ref: name, node_id: nodeId("REF", name), url, object: { sha, type, url: `${api}/git/${type}s/${sha}` } };
}
