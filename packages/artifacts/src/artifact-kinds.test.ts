import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ArtifactKind, checkArtifact, jsonSchemaOf, parseArtifact, serializeArtifact } from "./artifact-kind.ts";
import { artifactKinds } from "./artifact-kinds.ts";
import { artifactErrorOf, exampleDocument } from "./test-helpers.ts";

/** Objects at these fields, so many levels deep, map free names to values: an unknown field there is a wrong value. */
const MAP_LEVELS: Readonly<Record<string, number>> = {
  profileScenarioSummaries: 2,
  profileScenarioMetrics: 2,
  packages: 1,
  assetIds: 1,
  params: 1,
  validity: 1,
};

/** The document with an unknown field of that value in every object of it. */
function withUnknownFields(document: unknown, value: unknown, mapLevels = 0): unknown {
  if (Array.isArray(document)) return document.map((item) => withUnknownFields(item, value));
  if (typeof document !== "object" || document === null) return document;
  const entries = Object.entries(document).map(([key, inner]) => {
    return [key, withUnknownFields(inner, value, mapLevels > 0 ? mapLevels - 1 : MAP_LEVELS[key])] as const;
  });
  return { ...Object.fromEntries(entries), ...(mapLevels > 0 ? {} : { "x-unknown": value }) };
}

/** Values as a file holds them. `__proto__` is no field that anyone writes, and zod leaves it out. */
const json = fc
  .json({ maxDepth: 3 })
  .filter((text) => !text.includes("__proto__"))
  .map((text): unknown => JSON.parse(JSON.stringify(JSON.parse(text))));

describe.each(artifactKinds.map((kind) => [kind.kind, kind] as const))("%s", (_, kind: ArtifactKind<unknown>) => {
  const example = exampleDocument(kind);

  it("takes the example of its page as it stands", () => {
    expect(checkArtifact(kind, example, "f")).toMatchObject(example);
  });

  it("keeps unknown fields wherever they are, and reads what it wrote", () => {
    fc.assert(
      fc.property(json, (value) => {
        const document = withUnknownFields(example, value);
        const text = serializeArtifact(kind, document, "f");
        const read = parseArtifact(kind, text, "f");
        expect(read).toMatchObject(document as object);
        expect(parseArtifact(kind, serializeArtifact(kind, read, "f"), "f")).toEqual(read);
      }),
      { numRuns: 25 },
    );
  });

  it("names file, kind and field path of what is missing or wrong", () => {
    const required = (jsonSchemaOf(kind) as { required?: string[] }).required ?? [];
    const versionField = kind.version?.field;
    for (const field of required.filter((name) => name !== versionField)) {
      const { [field]: _left, ...rest } = example;
      for (const document of [rest, { ...example, [field]: Symbol.iterator }]) {
        const error = artifactErrorOf(() => checkArtifact(kind, document, "a/b.json"));
        expect(error.message).toMatch(new RegExp(`^Cannot read ${kind.kind} "a/b.json": ${field}: \\S`));
        expect(error.issues.map((issue) => issue.path)).toEqual([field]);
      }
    }
  });

  it("refuses what is no object", () => {
    for (const [document, found] of [
      [null, "null"],
      [[], "an array"],
      [3, "3"],
      ["x", '"x"'],
      [undefined, "nothing"],
    ]) {
      const error = artifactErrorOf(() => checkArtifact(kind, document, "f"));
      expect(error.message).toBe(`Cannot read ${kind.kind} "f": expected an object, found ${found}`);
    }
  });
});

const versioned = artifactKinds.filter((kind) => kind.version !== undefined);

describe.each(versioned.map((kind) => [kind.kind, kind] as const))("the version of a %s", (_, kind) => {
  const field = kind.version?.field ?? "";
  const example = exampleDocument(kind);
  const majors = [kind.version?.current.split(".")[0] ?? "", ...(kind.version?.reads ?? [])];
  const reading = (version: unknown) => () => checkArtifact(kind, { ...example, [field]: version }, "f");

  it.each(majors)("may be a later minor one of %s", (major) => {
    expect(reading(`${major}.7`)).not.toThrow();
  });

  it.each([
    ["3.0", '"3.0"'],
    ["1", '"1"'],
    ["10.0", '"10.0"'],
    ["1.0.0", '"1.0.0"'],
    [1, "1"],
    [undefined, "nothing"],
    [null, "null"],
    [{}, "an object"],
  ])("is not %j: expected and found are named", (version, found) => {
    expect(artifactErrorOf(reading(version)).message).toBe(
      `Cannot read ${kind.kind} "f": ${field}: expected version ${majors.map((major) => `${major}.x`).join(" or ")} (such as ${kind.version?.current}), found ${found}`,
    );
  });

  it("comes after the kind: another artifact is told by its name", () => {
    const error = artifactErrorOf(() => checkArtifact(kind, { ...example, kind: "soup" }, "f"));
    expect(error.message).toBe(`Cannot read ${kind.kind} "f": kind: expected "${kind.slug}", found "soup"`);
  });
});
