import { describe, expect, it } from "vitest";
import { checkArtifact } from "./artifact-kind.ts";
import { nightAcceptance, nightRecord } from "./night-record.ts";
import { artifactErrorOf, exampleDocument } from "./test-helpers.ts";

describe("a night acceptance", () => {
  const { runId, ...example } = exampleDocument(nightAcceptance);
  const headSha = "a".repeat(40);

  it("is about a run or a commit", () => {
    expect(checkArtifact(nightAcceptance, { ...example, headSha }, "f")).toMatchObject({ headSha });
    for (const about of [{}, { runId, headSha }]) {
      const error = artifactErrorOf(() => checkArtifact(nightAcceptance, { ...example, ...about }, "f"));
      expect(error.message).toContain("expected either runId or headSha");
    }
  });
});

describe("a night record", () => {
  const example = exampleDocument(nightRecord);

  it.each([
    ["runId", "../x"],
    ["runId", ""],
    ["runId", "x".repeat(65)],
    ["headSha", "abc1234"],
    ["headSha", "A".repeat(40)],
    ["event", "nightly"],
    ["outcome", "fine"],
    ["previousSha256", ""],
    ["runAttempt", 0],
  ])("has no %s %j", (field, value) => {
    const error = artifactErrorOf(() => checkArtifact(nightRecord, { ...example, [field]: value }, "f"));
    expect(error.issues.map(({ path }) => path)).toEqual([field]);
  });
});
