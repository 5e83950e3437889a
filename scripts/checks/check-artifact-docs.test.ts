import { type ArtifactKind, artifactKinds } from "@forgebench/artifacts";
import { describe, expect, it } from "vitest";
import { checkArtifactDocs, docsOf, schemaText } from "./check-artifact-docs.ts";
import { madeUpTree } from "./test-helpers.ts";

const kind = artifactKinds.find(({ slug }) => slug === "measurement") as ArtifactKind<unknown>;
const { page, schema } = docsOf(kind);
const FULL = "# Measurement\n\n`kind`, `version`, `generatedAt`, `program`, `machine.cpuModel`, `figures[]`\n";

const messages = (files: Readonly<Record<string, string>>) =>
  checkArtifactDocs(madeUpTree({ [page]: FULL, [schema]: schemaText(kind), ...files }), [kind]).map(
    ({ file, message }) => `${file} ${message}`,
  );

describe("artifact docs", () => {
  it("accepts a page with every field and the schema made from the code", () => {
    expect(messages({})).toEqual([]);
    expect(messages({ "docs/artifacts/README.md": "# Artifacts\n" })).toEqual([]);
  });

  it.each<[string, Record<string, string>, string]>([
    ["a missing page", { [page]: "" }, `${page} there is no page for the measurement`],
    [
      "a field that is not explained",
      { [page]: FULL.replace("`program`", "program") },
      `${page} does not explain \`program\``,
    ],
    [
      "a part of another word",
      { [page]: FULL.replace("`program`", "`programs`") },
      `${page} does not explain \`program\``,
    ],
    [
      "a stale schema",
      { [schema]: schemaText(kind).replace("figures", "facts") },
      `${schema} is not the JSON Schema of the measurement`,
    ],
    ["a page of no kind", { "docs/artifacts/old.md": "x" }, "docs/artifacts/old.md belongs to no artifact kind"],
    [
      "a schema of no kind",
      { "docs/artifacts/schemas/old.schema.json": "{}" },
      "docs/artifacts/schemas/old.schema.json belongs to no artifact kind",
    ],
  ])("refuses %s", (_, files, problem) => {
    expect(messages(files)).toEqual([problem]);
  });

  it("knows kinds whose slugs, and so whose pages, are all different", () => {
    expect(new Set(artifactKinds.map(({ slug }) => slug)).size).toBe(artifactKinds.length);
  });
});
