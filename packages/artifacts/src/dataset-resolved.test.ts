import { describe, expect, it } from "vitest";
import { checkArtifact } from "./artifact-kind.ts";
import { comparison } from "./comparison.ts";
import { datasetOriginOf, datasetResolved, leastTrustedOf, originText } from "./dataset-resolved.ts";
import { evidenceBundle } from "./evidence-bundle.ts";
import { nightRecord } from "./night-record.ts";
import { runContext } from "./run-context.ts";
import { summary } from "./summary.ts";
import { artifactErrorOf, exampleDocument } from "./test-helpers.ts";

const example = exampleDocument(datasetResolved);
const { release: _release, source: _source, ...rest } = example;
const local: Record<string, unknown> = { ...rest, source: "local" };
const wrong = (document: object) =>
  artifactErrorOf(() => checkArtifact(datasetResolved, document, "f"))
    .issues.map(({ path, message }) => `${path} ${message}`)
    .join("; ");

describe("a resolved dataset", () => {
  it.each(["release", "archive", "manifestSha256", "checksumsSha256"])("of a release says its %s", (field) => {
    const { [field]: _left, ...others } = example;
    expect(wrong(others)).toContain(`${field}: a dataset of a release has it`);
  });

  it("of a release is no fallback, and a local one is of no release", () => {
    const fallback = { reason: "no such release" };
    expect(wrong({ ...example, fallback })).toContain("fallback: a dataset of a release is none");
    expect(wrong({ ...local, release: example.release })).toContain("release: a local dataset has none");
    expect(checkArtifact(datasetResolved, { ...local, fallback }, "f")).toMatchObject({ fallback });
  });

  it("may leave out of a local one what only a download knows", () => {
    const { archive: _archive, manifestSha256: _manifest, checksumsSha256: _checksums, ...bare } = local;
    expect(checkArtifact(datasetResolved, bare, "f")).toEqual(bare);
  });

  it.each([
    ["", "an empty text"],
    ["a\nb", "two lines"],
    ["a\u001b[31mb", "a control sequence"],
    ["a\u202eb", "a turned direction"],
    ["x".repeat(201), "more than a line"],
  ])("has a reason of one plain line, not %j (%s)", (reason) => {
    expect(wrong({ ...local, fallback: { reason } })).toContain("is not one line");
  });

  it.each([
    ["http://example.org/x", false],
    ["https://user:secret@example.org/x", false],
    ["http://localhost.example.org/x", false],
    ["javascript:alert(1)", false],
    ["http://127.0.0.1:8080/x", true],
    ["https://github.example.org/o/n/releases/tag/t", true],
  ])("names the page %s: %s", (url, isRight) => {
    const document = { ...example, release: { ...(example.release as object), url } };
    if (isRight) expect(checkArtifact(datasetResolved, document, "f")).toMatchObject({ release: { url } });
    else expect(wrong(document)).toContain("is not an https address");
  });
});

describe.each([
  ["run context", runContext],
  ["summary", summary],
  ["comparison", comparison],
  ["evidence bundle", evidenceBundle],
  ["night record", nightRecord],
] as const)("the dataset of a %s", (_, kind) => {
  const document = exampleDocument(kind);
  const old = { datasetVersion: "1.0.0", tierId: "tier30", sha256: "d".repeat(64), source: "release" };
  const release = { repository: "o/n", tag: "bench-dataset-v1.0.0", archiveSha256: "e".repeat(64) };
  const fallback = { reason: "no such release" };
  const reading = (dataset: object) => () => checkArtifact<unknown>(kind, { ...document, dataset }, "f");

  it("may say its origin, or as of old only its source", () => {
    for (const dataset of [
      { ...old },
      { ...old, source: "anything" },
      { ...old, release },
      { ...old, source: "local" },
      { ...old, source: "fallback", fallback },
    ]) {
      expect(reading(dataset)()).toMatchObject({ dataset });
    }
  });

  it.each([
    ["a local dataset of a release", { source: "local", release }, "release"],
    ["a fallback of a release", { source: "fallback", fallback, release }, "release"],
    ["a reason without a fallback", { source: "local", fallback }, "fallback"],
    ["a fallback without a reason", { source: "fallback" }, "fallback"],
    ["no whole release", { release: { repository: "o/n" } }, "release.tag"],
  ])("is not %s", (_what, changes, field) => {
    const paths = artifactErrorOf(reading({ ...old, ...changes })).issues.map(({ path }) => path);
    expect(paths).toContain(`dataset.${field}`);
  });
});

describe("the origin of a dataset", () => {
  const identity = { datasetVersion: "1.0.0", tierId: "tier30", sha256: "d".repeat(64) };
  const repository = { repository: "o/n", tag: "bench-dataset-v1.0.0", archiveSha256: "e".repeat(64) };
  const release = { ...identity, source: "release", release: repository };
  const old = { ...identity, source: "release" };
  const local = { ...identity, source: "local" };
  const fallback = { ...identity, source: "fallback", fallback: { reason: "no such release" } };

  it("in words", () => {
    expect([release, old, local, fallback].map(originText)).toEqual([
      ...["release o/n", "release", "local build", "fallback: no such release"],
    ]);
  });

  it("differs in each of its parts", () => {
    const others = (["repository", "tag", "archiveSha256"] as const).map((field) => ({
      ...release,
      release: { ...repository, [field]: "other" },
    }));
    const another = { ...fallback, fallback: { reason: "another" } };
    const all = [release, old, local, fallback, another, ...others];
    expect(new Set(all.map((one) => JSON.stringify(datasetOriginOf(one)))).size).toBe(all.length);
  });

  it("of two sides is the one that can be trusted least", () => {
    expect(leastTrustedOf(release, local)).toBe(local);
    expect(leastTrustedOf(local, release)).toBe(local);
    expect(leastTrustedOf(local, fallback)).toBe(fallback);
    expect(leastTrustedOf(fallback, release)).toBe(fallback);
    expect(leastTrustedOf(release, old)).toBe(release);
    expect(leastTrustedOf(undefined, release)).toBe(release);
    expect(leastTrustedOf(undefined, undefined)).toBeUndefined();
  });
});
