import type { ErrorDetail } from "@forgebench/errors";
import type { Tag } from "./find-releases.ts";
import type { Release, ReleaseAsset } from "./release-fields.ts";

/** A file to publish. */
export interface LocalAsset {
  /** Its name in the release. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** The files to publish; the checksums file names all others by their hash, so its hash identifies all of them. */
export interface LocalRelease {
  readonly tag: string;
  readonly files: readonly LocalAsset[];
  readonly checksums: LocalAsset;
  /** Where the tag has to be; anywhere when absent. */
  readonly commit?: string | undefined;
}

/** A release as GitHub has it now, with the files that hang on it. */
export interface ReleaseWithAssets {
  readonly release: Release;
  readonly assets: readonly ReleaseAsset[];
}

/** The tag, release and drafts of GitHub for a tag. */
export interface ReleaseState {
  readonly tag: Tag | undefined;
  readonly published: ReleaseWithAssets | undefined;
  readonly drafts: readonly ReleaseWithAssets[];
}

/**
 * The steps after which a release holds exactly the local files; made by {@link planRelease}, which changes
 * nothing.
 */
export type ReleasePlan =
  /** Nothing may be done, and why. */
  | { readonly kind: "refused"; readonly problem: string; readonly details: readonly ErrorDetail[] }
  /** Published with exactly these files. `unproven`: those whose hash GitHub does not say. */
  | {
      readonly kind: "unchanged";
      readonly release: Release;
      readonly unproven: readonly ReleaseAsset[];
      readonly removeDrafts: readonly Release[];
    }
  | {
      readonly kind: "publish";
      /** The draft that an earlier run left and that is continued. */
      readonly draft: Release | undefined;
      readonly removeDrafts: readonly Release[];
      readonly removeAssets: readonly ReleaseAsset[];
      readonly keep: readonly LocalAsset[];
      /** In this order; the checksums file last, so that a release that holds it holds all. */
      readonly upload: readonly LocalAsset[];
      readonly notes: readonly string[];
    };

const MARKER = /<!-- forgebench-dataset-release sha256sums:([0-9a-f]{64}) -->/;

/** A mark in the text of a draft of ours, which names its files. */
export function releaseMarker(checksumsSha256: string): string {
  return `<!-- forgebench-dataset-release sha256sums:${checksumsSha256} -->`;
}

/** The hash of the checksums file of a release of ours; nothing of a release that a person made. */
export function markerOf({ body }: Pick<Release, "body">): string | undefined {
  return MARKER.exec(body)?.[1];
}

/** Whether an asset is certainly that file. */
export function isSameFile(asset: ReleaseAsset, file: LocalAsset): boolean {
  return (
    asset.isUploaded && asset.name === file.name && asset.sizeBytes === file.sizeBytes && asset.sha256 === file.sha256
  );
}

/** Plans the steps; a published release is never changed. */
export function planRelease(state: ReleaseState, local: LocalRelease): ReleasePlan {
  const ours = state.drafts.filter(({ release }) => markerOf(release) !== undefined);
  if (state.published !== undefined) return planAgainstPublished(state.published, state.tag, ours, local);
  if (state.tag !== undefined) {
    return {
      kind: "refused",
      problem: `the tag "${local.tag}" exists already, without a release`,
      details: [{ label: "at", text: `commit ${state.tag.commit}` }, ANOTHER_VERSION],
    };
  }
  const foreign = state.drafts.find(({ release }) => markerOf(release) === undefined);
  if (foreign !== undefined) {
    return {
      kind: "refused",
      problem: `a draft for the tag "${local.tag}" exists that this program did not make`,
      details: [
        { label: "draft", text: foreign.release.htmlUrl },
        { label: "try", text: "publish or delete it by hand, or give another --dataset-version" },
      ],
    };
  }
  return planDraft(ours, local);
}

const ANOTHER_VERSION: ErrorDetail = {
  label: "try",
  text: "another --dataset-version: a version that exists is never changed",
};

function planAgainstPublished(
  { release, assets }: ReleaseWithAssets,
  tag: Tag | undefined,
  ours: readonly ReleaseWithAssets[],
  local: LocalRelease,
): ReleasePlan {
  const problems = [
    ...(tag === undefined ? [`its tag "${local.tag}" is gone`] : []),
    ...(tag !== undefined && local.commit !== undefined && tag.commit !== local.commit
      ? [`its tag is at commit ${tag.commit}, not at ${local.commit}`]
      : []),
    ...differences(assets, local.files),
  ];
  if (problems.length === 0) {
    const unproven = assets.filter(({ sha256 }) => sha256 === undefined);
    return { kind: "unchanged", release, unproven, removeDrafts: ours.map((draft) => draft.release) };
  }
  return {
    kind: "refused",
    problem: `the release "${local.tag}" is published already, with other files or another commit`,
    details: [
      { label: "at", text: release.htmlUrl },
      ...problems.map((text) => ({ label: "differs", text })),
      ANOTHER_VERSION,
    ],
  };
}

/** How the assets of a release differ from the files; a hash that is not told is no difference. */
export function differences(assets: readonly ReleaseAsset[], files: readonly LocalAsset[]): string[] {
  const byName = new Map(assets.map((asset) => [asset.name, asset]));
  const names = new Set(files.map(({ name }) => name));
  return [
    ...files.flatMap((file) => differenceOf(byName.get(file.name), file)),
    ...assets.filter(({ name }) => !names.has(name)).map(({ name }) => `"${name}" is not one of the files`),
  ];
}

function differenceOf(asset: ReleaseAsset | undefined, file: LocalAsset): string[] {
  if (asset === undefined) return [`"${file.name}" is missing`];
  if (!asset.isUploaded) return [`"${file.name}" is incomplete`];
  if (asset.sizeBytes !== file.sizeBytes) {
    return [`"${file.name}" has ${asset.sizeBytes} bytes, the file here ${file.sizeBytes}`];
  }
  if (asset.sha256 === undefined || asset.sha256 === file.sha256) return [];
  return [`"${file.name}" has other bytes: SHA-256 ${asset.sha256}, the file here ${file.sha256}`];
}

/** Continues the oldest draft for the same files: all runs choose the same one, also when they run at once. */
function planDraft(ours: readonly ReleaseWithAssets[], local: LocalRelease): ReleasePlan {
  const byAge = ours.toSorted((a, b) => a.release.id - b.release.id);
  const continued = byAge.find(({ release }) => markerOf(release) === local.checksums.sha256);
  const removeDrafts = byAge.filter((draft) => draft !== continued).map(({ release }) => release);
  const assets = continued?.assets ?? [];
  const keep = local.files.filter((file) => assets.some((asset) => isSameFile(asset, file)));
  const removeAssets = assets.filter((asset) => !keep.some((file) => isSameFile(asset, file)));
  const upload = [...local.files.filter((file) => !keep.includes(file))].sort(
    (a, b) => Number(a.name === local.checksums.name) - Number(b.name === local.checksums.name),
  );
  const notes = [
    ...removeDrafts.map((draft) => `removing ${whyRemoved(draft, local)}: ${draft.htmlUrl}`),
    ...(continued === undefined ? [] : [`continuing the draft of an earlier run: ${continued.release.htmlUrl}`]),
    ...keep.map(({ name }) => `"${name}" is uploaded already`),
    ...removeAssets.map((asset) => `"${asset.name}" is removed: ${whyReplaced(asset, local)}`),
  ];
  return { kind: "publish", draft: continued?.release, removeDrafts, removeAssets, keep, upload, notes };
}

function whyRemoved(draft: Release, local: LocalRelease): string {
  return markerOf(draft) === local.checksums.sha256
    ? "a second draft for the same files"
    : "the draft of an earlier run for other files";
}

function whyReplaced(asset: ReleaseAsset, { files }: LocalRelease): string {
  const file = files.find(({ name }) => name === asset.name);
  if (file === undefined) return "it is not one of the files";
  if (!asset.isUploaded) return "its upload was cut";
  return asset.sha256 === undefined ? "its hash is not known" : "it has other bytes";
}
