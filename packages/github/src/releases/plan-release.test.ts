import { describe, expect, it } from "vitest";
import { type LocalAsset, type LocalRelease, planRelease, type ReleaseState, releaseMarker } from "./plan-release.ts";
import type { Release, ReleaseAsset } from "./release-fields.ts";

const hash = (letter: string) => letter.repeat(64);
const file = (name: string, letter: string): LocalAsset => ({ name, sizeBytes: 10, sha256: hash(letter) });
const sums = file("sums.txt", "c");
const local: LocalRelease = {
  tag: "bench-dataset-v1.0.0",
  files: [sums, file("a.zst", "a"), file("b.zst", "b")],
  checksums: sums,
};

let nextId = 1;
const asset = (name: string, letter: string, more: Partial<ReleaseAsset> = {}): ReleaseAsset => ({
  id: nextId++,
  name,
  sizeBytes: 10,
  isUploaded: true,
  sha256: hash(letter),
  ...more,
});
const all = () => [asset("a.zst", "a"), asset("b.zst", "b"), asset("sums.txt", "c")];
const release = (id: number, body: string, isDraft = true): Release => ({
  id,
  tagName: local.tag,
  body,
  isDraft,
  target: "main",
  htmlUrl: `https://github.com/o/r/releases/${id}`,
  uploadUrl: "https://uploads.github.com/x",
});
const ours = (id: number, assets: ReleaseAsset[] = [], sha256 = sums.sha256) => ({
  release: release(id, `text\n${releaseMarker(sha256)}`),
  assets,
});
const published = (assets: ReleaseAsset[]) => ({ release: release(9, "", false), assets });
const tag = { name: local.tag, commit: "1".repeat(40) };
const nothing: ReleaseState = { tag: undefined, published: undefined, drafts: [] };
const plan = (state: Partial<ReleaseState>) => planRelease({ ...nothing, ...state }, local);

describe("what is published", () => {
  it("is left alone when it holds exactly these files", () => {
    expect(plan({ tag, published: published(all()) })).toMatchObject({ kind: "unchanged", unproven: [] });
  });

  it("is to be proved where no hash is told", () => {
    const assets = [asset("a.zst", "a", { sha256: undefined }), ...all().slice(1)];
    expect(plan({ tag, published: published(assets) })).toMatchObject({ kind: "unchanged", unproven: [assets[0]] });
  });

  it.each([
    ["other bytes", [asset("a.zst", "f"), ...all().slice(1)], `"a.zst" has other bytes: SHA-256 ${hash("f")}`],
    [
      "another size",
      [asset("a.zst", "a", { sizeBytes: 11 }), ...all().slice(1)],
      '"a.zst" has 11 bytes, the file here 10',
    ],
    ["a file missing", all().slice(1), '"a.zst" is missing'],
    ["a file more", [...all(), asset("x.exe", "a")], '"x.exe" is not one of the files'],
    ["half a file", [asset("a.zst", "a", { isUploaded: false }), ...all().slice(1)], '"a.zst" is incomplete'],
  ])("is an error with %s", (_name, assets, expected) => {
    const found = plan({ tag, published: published(assets) });
    expect(found).toMatchObject({ kind: "refused" });
    expect(JSON.stringify(found)).toContain(JSON.stringify(expected).slice(1, -1));
  });

  it("is an error without its tag, and so is a tag without a release", () => {
    expect(plan({ published: published(all()) })).toMatchObject({ kind: "refused" });
    expect(plan({ tag, drafts: [ours(1)] })).toMatchObject({
      kind: "refused",
      problem: `the tag "${local.tag}" exists already, without a release`,
    });
  });

  it("is refused when its tag is at another commit than the one that was asked for", () => {
    const state: ReleaseState = { tag, published: published(all()), drafts: [] };
    const [here, elsewhere] = [tag.commit, "0".repeat(40)];
    expect(planRelease(state, { ...local, commit: here })).toMatchObject({ kind: "unchanged" });
    expect(planRelease(state, { ...local, commit: elsewhere })).toMatchObject({
      kind: "refused",
      details: [{}, { label: "differs", text: `its tag is at commit ${here}, not at ${elsewhere}` }, {}],
    });
  });

  it("makes late drafts of ours needless, and touches no others", () => {
    const foreign = { release: release(3, "by hand"), assets: [] };
    const found = plan({ tag, published: published(all()), drafts: [ours(2), foreign] });
    expect(found).toMatchObject({ kind: "unchanged", removeDrafts: [{ id: 2 }] });
  });
});

describe("a draft", () => {
  it("is made where there is none; the checksums are sent last", () => {
    const found = plan({});
    expect(found).toMatchObject({ kind: "publish", draft: undefined, keep: [], removeAssets: [], removeDrafts: [] });
    expect(found.kind === "publish" && found.upload.map(({ name }) => name)).toEqual(["a.zst", "b.zst", "sums.txt"]);
  });

  it("of a person is named and left alone", () => {
    const foreign = { release: release(3, "by hand"), assets: [] };
    expect(plan({ drafts: [ours(1), foreign] })).toMatchObject({
      kind: "refused",
      details: [{ label: "draft", text: "https://github.com/o/r/releases/3" }, {}],
    });
  });

  it("of ours is continued: what is right stays, the rest is sent again", () => {
    const half = asset("b.zst", "b", { isUploaded: false, sizeBytes: 0, sha256: undefined });
    const stray = asset("old.zst", "d");
    const right = asset("a.zst", "a");
    const found = plan({ drafts: [ours(4, [right, half, stray])] });
    expect(found).toMatchObject({
      kind: "publish",
      draft: { id: 4 },
      keep: [{ name: "a.zst" }],
      removeAssets: [half, stray],
      upload: [{ name: "b.zst" }, { name: "sums.txt" }],
    });
    expect(found.kind === "publish" && found.notes).toEqual([
      "continuing the draft of an earlier run: https://github.com/o/r/releases/4",
      '"a.zst" is uploaded already',
      '"b.zst" is removed: its upload was cut',
      '"old.zst" is removed: it is not one of the files',
    ]);
  });

  it.each([
    [asset("a.zst", "f"), "it has other bytes"],
    [asset("a.zst", "a", { sha256: undefined }), "its hash is not known"],
  ])("keeps nothing that is not proved", (wrong, why) => {
    const found = plan({ drafts: [ours(4, [wrong])] });
    expect(found).toMatchObject({ keep: [], removeAssets: [wrong] });
    expect(found.kind === "publish" && found.notes).toContain(`"a.zst" is removed: ${why}`);
  });

  it("of ours for other files is removed, and another one made", () => {
    const found = plan({ drafts: [ours(4, all(), hash("9"))] });
    expect(found).toMatchObject({ kind: "publish", draft: undefined, removeDrafts: [{ id: 4 }] });
  });

  it("of several of ours the oldest is continued, whatever their order", () => {
    for (const drafts of [
      [ours(7), ours(5), ours(6)],
      [ours(5), ours(6), ours(7)],
    ]) {
      expect(plan({ drafts })).toMatchObject({ draft: { id: 5 }, removeDrafts: [{ id: 6 }, { id: 7 }] });
    }
  });
});
