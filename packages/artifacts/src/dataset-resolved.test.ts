import { describe, expect, it } from "vitest";
import { checkArtifact } from "./artifact-kind.ts";
import { datasetResolved } from "./dataset-resolved.ts";
import { artifactErrorOf, exampleDocument } from "./test-helpers.ts";

const example = exampleDocument(datasetResolved);
const { release: _release, ...local } = { ...example, source: "local" };
const wrong = (document: object) =>
  artifactErrorOf(() => checkArtifact(datasetResolved, document, "f"))
    .issues.map(({ path, message }) => `${path} ${message}`)
    .join("; ");

describe("a resolved dataset", () => {
  it.each(["release", "archive", "manifestSha256", "checksumsSha256"])("of a release says its %s", (field) => {
    const { [field]: _left, ...rest } = example;
    expect(wrong(rest)).toContain(`${field}: a dataset of a release has it`);
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
    expect(wrong({ ...local, fallback: { reason } })).toContain("fallback.reason not one line");
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
    else expect(wrong(document)).toContain("release.url not an https address");
  });
});
