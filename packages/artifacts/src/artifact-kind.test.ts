import { InvariantError } from "@forgebench/errors";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkArtifact, parseArtifact, serializeArtifact } from "./artifact-kind.ts";
import { type Measurement, measurement } from "./measurement.ts";
import { artifactErrorOf, exampleDocument, exampleText } from "./test-helpers.ts";
import { tierManifest } from "./tier-manifest.ts";

const example = exampleDocument(measurement);

describe("parseArtifact", () => {
  const message = (text: string) => artifactErrorOf(() => parseArtifact(measurement, text, "m.json")).message;

  it("refuses every beginning of an artifact, saying why", () => {
    const text = exampleText(measurement).trimEnd();
    for (let length = 0; length < text.length; length += 1) {
      expect(message(text.slice(0, length))).toMatch(
        /^Cannot read measurement "m\.json": (the file is empty$|not JSON: .)/,
      );
    }
  });

  it("refuses what is no JSON, or other JSON", () => {
    expect(message(" \n")).toBe('Cannot read measurement "m.json": the file is empty');
    expect(message("<html>")).toContain("not JSON");
    expect(message("[1, 2]")).toContain("expected an object, found an array");
    expect(message("{}")).toContain("version: expected version 1.x (such as 1.0), found nothing");
  });

  it("takes a byte order mark", () => {
    expect(parseArtifact(measurement, `\ufeff${exampleText(measurement)}`, "m.json")).toEqual(example);
  });

  it("gives the same document back for anything that it wrote", () => {
    const figure = fc.record(
      {
        name: fc.string(),
        value: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value)),
        unit: fc.string({ unit: "grapheme" }),
        goal: fc.string(),
        met: fc.boolean(),
      },
      { requiredKeys: ["name", "value", "unit"], noNullPrototype: true },
    );
    fc.assert(
      fc.property(fc.array(figure, { maxLength: 5 }), (figures) => {
        const value = { ...example, figures } as Measurement;
        expect(parseArtifact(measurement, serializeArtifact(measurement, value, "f"), "f")).toEqual(value);
      }),
    );
  });
});

describe("serializeArtifact", () => {
  it("ends in a newline and refuses to write what it could not read", () => {
    expect(serializeArtifact(measurement, example as Measurement, "f")).toMatch(/^\{\n {2}"[\s\S]*\n\}\n$/);
    const wrong = { ...example, figures: [{ name: "a", value: Number.NaN, unit: "ms" }] } as Measurement;
    expect(() => serializeArtifact(measurement, wrong, "f")).toThrow(InvariantError);
    expect(() => serializeArtifact(measurement, wrong, "f")).toThrow(
      'would write a wrong measurement "f": figures[0].value',
    );
  });
});

describe("the issues of an artifact", () => {
  const tier = exampleDocument(tierManifest);
  const issues = (document: unknown) => artifactErrorOf(() => checkArtifact(tierManifest, document, "f")).issues;
  const [file] = tier.files as Record<string, unknown>[];

  it("lead to the field, also inside a choice of forms", () => {
    expect(issues({ ...tier, files: ["a.jpg", { ...file, sha256: "abc" }] })).toEqual([
      { path: "files[1].sha256", message: '"abc" is not a SHA-256 in lower-case hexadecimal' },
    ]);
    const { sha256: _, ...withoutHash } = file ?? {};
    expect(issues({ ...tier, files: [withoutHash] }).map(({ path }) => path)).toEqual(["files[0].sha256"]);
    expect(issues({ ...tier, files: [7] }).map(({ path }) => path)).toEqual(["files[0]"]);
  });

  it("are all told, the first in the message and the rest as details", () => {
    const error = artifactErrorOf(() => checkArtifact(tierManifest, { ...tier, tierId: "30", imageRoot: "" }, "f"));
    expect(error.message).toContain('tierId: "30" is not a tier such as tier30');
    expect(error.details.map(({ label, text }) => `${label} ${text.split(":")[0]}`)).toEqual(["also imageRoot"]);
  });

  it("quote what is there, but no credential of an address", () => {
    const told = (sha256: string) => issues({ ...tier, files: [{ ...file, sha256 }] })[0]?.message;
    expect(told("abc")).toContain('"abc" is not a SHA-256');
    expect(told("https://me:secret@example.org/a?token=secret#secret")).toContain('"https://…@example.org/a…" is not');
    expect(told("x".repeat(400))).toContain(`"${"x".repeat(80)}…" is not`);
  });
});
