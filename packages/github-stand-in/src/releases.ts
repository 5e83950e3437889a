import { type Answer, created, invalid, NO_CONTENT, notFound, ok } from "./answers.ts";
import type { Call, Route } from "./api.ts";
import { discardAsset, showAsset } from "./assets.ts";
import { type Caller, mayWrite } from "./auth.ts";
import type { Fields } from "./fields.ts";
import { page } from "./pages.ts";
import { custom, isWellFormedTag, releaseError } from "./release-rules.ts";
import { type Release, type Repository, randomHex, webUrlOf } from "./world.ts";

const MAX_BODY_CHARACTERS = 125_000;

/** Releases without their assets (docs.github.com/rest/releases/releases). */
export const releaseRoutes: readonly Route[] = [
  { method: "GET", path: "/releases", needs: { contents: "read" }, handle: listReleases },
  { method: "POST", path: "/releases", needs: { contents: "write" }, handle: createRelease },
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

function releaseByTag(call: Call): Answer {
  const found = publishedRelease(call.repository, call.part("tag"));
  if (found === undefined) throw notFound();
  return ok(show(call, found));
}

async function createRelease(call: Call): Promise<Answer> {
  const { world, repository, fields } = call;
  const release: Release = {
    id: world.nextId(),
    tagName: fields.requiredText("tag_name"),
    targetCommitish: await repository.bare.defaultBranch(),
    name: null,
    body: null,
    isDraft: fields.flag("draft") ?? false,
    isPrerelease: false,
    draftSlug: `untagged-${randomHex(10)}`,
    assets: [],
  };
  change(release, fields);
  await check(repository, release);
  if (!release.isDraft) await makeTag(repository, release);
  repository.releases.push(release);
  return created(show(call, release));
}

/** Takes over what the request says, except whether it is a draft. */
function change(release: Release, fields: Fields): void {
  release.tagName = fields.text("tag_name") ?? release.tagName;
  release.targetCommitish = fields.text("target_commitish") || release.targetCommitish;
  if (fields.has("name")) release.name = fields.text("name") ?? null;
  if (fields.has("body")) release.body = fields.text("body") ?? null;
  release.isPrerelease = fields.flag("prerelease") ?? release.isPrerelease;
}

/** @throws {Refusal} 422 naming every field that is wrong. */
async function check(repository: Repository, release: Release): Promise<void> {
  const { id, tagName, body, isDraft } = release;
  if ((body?.length ?? 0) > MAX_BODY_CHARACTERS) {
    throw invalid(custom(`body is too long (maximum is ${MAX_BODY_CHARACTERS} characters)`, "body"));
  }
  const draftless = isDraft ? [] : [custom("Published releases must have a valid tag")];
  if (!isWellFormedTag(tagName)) throw invalid(custom("tag_name is not well-formed", "tag_name"), ...draftless);
  const namesake = isDraft ? undefined : publishedRelease(repository, tagName);
  if (namesake !== undefined && namesake.id !== id) throw invalid(releaseError("already_exists", "tag_name"));
  if ((await targetOf(repository, release)) !== undefined) return;
  const tagless = isDraft ? [] : [custom("tag_name is not a valid tag", "tag_name")];
  throw invalid(...tagless, ...draftless, releaseError("invalid", "target_commitish"));
}

/** A branch, or the full hash of a commit. */
async function targetOf({ bare }: Repository, { targetCommitish }: Release): Promise<string | undefined> {
  if (/^[0-9a-f]{40}$/.test(targetCommitish)) return await bare.resolve(`${targetCommitish}^{commit}`);
  return (await bare.ref(`refs/heads/${targetCommitish.replace(/^refs\/heads\//, "")}`))?.sha;
}

/** An existing tag stays where it is, whatever the target. */
async function makeTag(repository: Repository, release: Release): Promise<void> {
  const target = await targetOf(repository, release);
  if (target !== undefined) await repository.bare.createRef(`refs/tags/${release.tagName}`, target);
}

async function updateRelease(call: Call): Promise<Answer> {
  const { repository, fields } = call;
  const release = releaseOf(call);
  const changed = { ...release, isDraft: fields.flag("draft") ?? release.isDraft };
  change(changed, fields);
  await check(repository, changed);
  if (!changed.isDraft) await makeTag(repository, changed);
  Object.assign(release, changed);
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
  return {
    id: release.id,
    html_url: `${webUrlOf(world, repository)}/releases/tag/${slugOf(release)}`,
    upload_url: `${world.at.uploads}/repos/${repository.fullName}/releases/${release.id}/assets{?name,label}`,
    tag_name: release.tagName,
    target_commitish: release.targetCommitish,
    name: release.name,
    body: release.body,
    draft: release.isDraft,
    prerelease: release.isPrerelease,
    assets: release.assets.map((asset) => showAsset(world, repository, release, asset)),
  };
}
