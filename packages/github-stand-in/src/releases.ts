import { type Answer, created, invalid, NO_CONTENT, notFound, ok, Refusal } from "./answers.ts";
import type { Call, Route } from "./api.ts";
import { discardAsset, showAsset } from "./assets.ts";
import { type Caller, mayWrite } from "./auth.ts";
import type { Fields } from "./fields.ts";
import { page } from "./pages.ts";
import { custom, isWellFormedTag, releaseError } from "./release-rules.ts";
import {
  actor,
  apiUrlOf,
  isoSeconds,
  nodeId,
  type Release,
  type Repository,
  randomHex,
  type World,
  webUrlOf,
} from "./world.ts";

const MAX_BODY_CHARACTERS = 125_000;

/** Releases without their assets (docs.github.com/rest/releases/releases). */
export const releaseRoutes: readonly Route[] = [
  { method: "GET", path: "/releases", needs: { contents: "read" }, handle: listReleases },
  { method: "POST", path: "/releases", needs: { contents: "write" }, handle: createRelease },
  { method: "GET", path: "/releases/latest", needs: { contents: "read" }, handle: latestRelease },
  { method: "GET", path: "/releases/tags/{tag*}", needs: { contents: "read" }, handle: releaseByTag },
  {
    method: "GET",
    path: "/releases/{id}",
    needs: { contents: "read" },
    handle: (call) => ok(show(call, releaseOf(call))),
  },
  { method: "PATCH", path: "/releases/{id}", needs: { contents: "write" }, handle: updateRelease },
  { method: "DELETE", path: "/releases/{id}", needs: { contents: "write" }, handle: deleteRelease },
];

function listReleases(call: Call): Answer {
  const seen = call.repository.releases.filter((release) => isSeen(call.caller, call.repository, release));
  return page(call.url, seen.toReversed(), (release) => show(call, release));
}

/** Drafts are there only for those who may write. */
function isSeen(caller: Caller, repository: Repository, { isDraft }: Release): boolean {
  return !isDraft || mayWrite(caller, repository);
}

/** The release that the path names by its id. @throws {Refusal} 404, also for a draft that the caller may not see. */
export function releaseOf(call: Call): Release {
  const found = call.repository.releases.find(({ id }) => `${id}` === call.part("id"));
  if (found === undefined || !isSeen(call.caller, call.repository, found)) throw notFound();
  return found;
}

/** The release of a tag; drafts do not count, since several may want the same tag. */
export function publishedRelease(repository: Repository, tag: string): Release | undefined {
  return repository.releases.find(({ tagName, isDraft }) => !isDraft && tagName === tag);
}

/**
 * The release that GitHub calls the latest: the last that was made so, neither a draft nor a prerelease; undefined when
 * there is none.
 */
export function latestOf(repository: Repository): Release | undefined {
  return repository.releases
    .filter(({ isDraft, isPrerelease, isNeverLatest }) => !isDraft && !isPrerelease && !isNeverLatest)
    .toSorted((a, b) => b.latestRank - a.latestRank)[0];
}

function releaseByTag(call: Call): Answer {
  const found = publishedRelease(call.repository, call.part("tag"));
  if (found === undefined) throw notFound();
  return ok(show(call, found));
}

function latestRelease(call: Call): Answer {
  const found = latestOf(call.repository);
  if (found === undefined) throw notFound();
  return ok(show(call, found));
}

async function createRelease(call: Call): Promise<Answer> {
  const { world, repository, fields, caller } = call;
  const now = world.now();
  const release: Release = {
    id: world.nextId(),
    ...{ tagName: fields.requiredText("tag_name"), targetCommitish: await defaultTarget(repository) },
    ...{ name: null, body: null, isDraft: false, isPrerelease: false, isImmutable: false },
    ...{ draftSlug: `untagged-${randomHex(10)}`, author: caller?.login ?? "" },
    ...{ createdAt: now, updatedAt: now, publishedAt: undefined, isNeverLatest: false, latestRank: 0, assets: [] },
  };
  const isDraft = fields.flag("draft") ?? false;
  change(release, fields);
  await check(repository, release, isDraft);
  if (isDraft) release.isDraft = true;
  else await publish(world, repository, release);
  repository.releases.push(release);
  return created(show(call, release));
}

async function defaultTarget({ bare }: Repository): Promise<string> {
  return await bare.defaultBranch();
}

/** Takes over what the request says, except whether it is a draft. */
function change(release: Release, fields: Fields): void {
  release.tagName = fields.text("tag_name") ?? release.tagName;
  release.targetCommitish = fields.text("target_commitish") || release.targetCommitish;
  if (fields.has("name")) release.name = fields.text("name") ?? null;
  if (fields.has("body")) release.body = fields.text("body") ?? null;
  release.isPrerelease = fields.flag("prerelease") ?? release.isPrerelease;
  const latest = fields.oneOf("make_latest", ["true", "false", "legacy"]);
  if (latest !== undefined) release.isNeverLatest = latest === "false";
}

/** @throws {Refusal} 422 naming every field that is wrong. */
async function check(repository: Repository, release: Release, isDraft: boolean): Promise<void> {
  const { tagName, body } = release;
  if ((body?.length ?? 0) > MAX_BODY_CHARACTERS) {
    throw invalid(custom(`body is too long (maximum is ${MAX_BODY_CHARACTERS} characters)`, "body"));
  }
  if (!isWellFormedTag(tagName)) {
    const draftless = isDraft ? [] : [custom("Published releases must have a valid tag")];
    throw invalid(custom("tag_name is not well-formed", "tag_name"), ...draftless);
  }
  const hasTarget = (await targetOf(repository, release)) !== undefined;
  if (isDraft) {
    if (!hasTarget) throw invalid(releaseError("invalid", "target_commitish"));
    return;
  }
  const namesake = publishedRelease(repository, tagName);
  if (namesake !== undefined && namesake.id !== release.id) throw invalid(releaseError("already_exists", "tag_name"));
  if (repository.spentTags.has(tagName) && namesake?.id !== release.id) {
    throw invalid(
      custom("tag_name was used by an immutable release", "tag_name"),
      custom("Published releases must have a valid tag"),
    );
  }
  if (hasTarget) return;
  throw invalid(
    custom("tag_name is not a valid tag", "tag_name"),
    custom("Published releases must have a valid tag"),
    releaseError("invalid", "target_commitish"),
  );
}

/** A branch, or the full hash of a commit. */
async function targetOf({ bare }: Repository, { targetCommitish }: Release): Promise<string | undefined> {
  if (/^[0-9a-f]{40}$/.test(targetCommitish)) return await bare.resolve(`${targetCommitish}^{commit}`);
  return (await bare.ref(`refs/heads/${targetCommitish.replace(/^refs\/heads\//, "")}`))?.sha;
}

/** Makes the tag unless it is there: an existing tag stays where it is, whatever the target. */
async function publish(world: World, repository: Repository, release: Release): Promise<void> {
  const target = await targetOf(repository, release);
  if (target === undefined) throw invalid(releaseError("invalid", "target_commitish"));
  await repository.bare.createRef(`refs/tags/${release.tagName}`, target);
  release.isDraft = false;
  release.publishedAt ??= world.now();
  release.latestRank = world.nextId();
  if (repository.options.immutableReleases !== true) return;
  release.isImmutable = true;
  repository.spentTags.add(release.tagName);
}

async function updateRelease(call: Call): Promise<Answer> {
  const { world, repository, fields } = call;
  const release = releaseOf(call);
  const changed = { ...release };
  change(changed, fields);
  const isDraft = fields.flag("draft") ?? release.isDraft;
  if (release.isImmutable && (isDraft || changed.tagName !== release.tagName)) {
    throw new Refusal(422, "Cannot change the tag of an immutable release, or make it a draft again.");
  }
  await check(repository, changed, isDraft);
  const wasDraft = release.isDraft;
  const isTagNew = wasDraft || changed.tagName !== release.tagName;
  if (!isDraft && isTagNew) await publish(world, repository, changed);
  changed.isDraft = isDraft;
  if (fields.text("make_latest") === "true") changed.latestRank = world.nextId();
  // Assets may have come since the copy was made; their list is the same object.
  Object.assign(release, { ...changed, assets: release.assets, updatedAt: world.now() });
  return ok(show(call, release));
}

async function deleteRelease(call: Call): Promise<Answer> {
  const release = releaseOf(call);
  call.repository.releases.splice(call.repository.releases.indexOf(release), 1);
  await Promise.all(release.assets.map(discardAsset));
  return NO_CONTENT;
}

/** The part of a release's addresses on the web that names it. */
export const slugOf = ({ isDraft, draftSlug, tagName }: Release) =>
  isDraft ? draftSlug : tagName.split("/").map(encodeURIComponent).join("/");

function show({ world, repository }: Pick<Call, "world" | "repository">, release: Release) {
  const api = apiUrlOf(world, repository);
  const web = webUrlOf(world, repository);
  const url = `${api}/releases/${release.id}`;
  return {
    url,
    assets_url: `${url}/assets`,
    upload_url: `${world.at.uploads}/repos/${repository.fullName}/releases/${release.id}/assets{?name,label}`,
    html_url: `${web}/releases/tag/${slugOf(release)}`,
    id: release.id,
    author: actor(world, release.author),
    node_id: nodeId("RE", release.id),
    tag_name: release.tagName,
    target_commitish: release.targetCommitish,
    name: release.name,
    draft: release.isDraft,
    immutable: release.isImmutable,
    prerelease: release.isPrerelease,
    created_at: isoSeconds(release.createdAt),
    updated_at: isoSeconds(release.updatedAt),
    published_at: release.publishedAt === undefined || release.isDraft ? null : isoSeconds(release.publishedAt),
    assets: release.assets.map((asset) => showAsset(world, repository, release, asset)),
    tarball_url: release.isDraft ? null : `${api}/tarball/${slugOf(release)}`,
    zipball_url: release.isDraft ? null : `${api}/zipball/${slugOf(release)}`,
    body: release.body,
  };
}
