import { expect, it } from "vitest";
import { jsonSchemaOf } from "./artifact-kind.ts";
import { verdictKinds } from "./compared-cell.ts";
import { comparison } from "./comparison.ts";
import { rawRun } from "./raw-run.ts";
import { suite } from "./suite.ts";
import { parseSuite } from "./suite-file.ts";
import { exampleText, readProjectFile } from "./test-helpers.ts";

const page = readProjectFile("docs/artifacts/comparison.md");

/** Every list of allowed values of a field with this name, anywhere in a JSON Schema. */
function allowedValues(schema: unknown, field: string): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) => {
    const own: unknown = key === field ? value?.enum : undefined;
    return [...(Array.isArray(own) ? own.map(String) : []), ...allowedValues(value, field)];
  });
}

it("explains each verdict and each warning under a heading of its own, to which reports lead", () => {
  const codes = allowedValues(jsonSchemaOf(comparison), "code");
  expect(codes).toContain("carry-over");
  expect(codes).toContain("same-subject");
  const headings = [...page.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading);
  for (const name of [...verdictKinds, ...codes]) expect(headings).toContain(name);
});

it("has pages whose further examples can be read", () => {
  const [, line = ""] = [...readProjectFile("docs/artifacts/raw-runs.md").matchAll(/```jsonl\n([\s\S]*?)\n```/g)].map(
    ([, text]) => text,
  );
  expect(rawRun.schema.parse(JSON.parse(line))).toMatchObject({ control: "planted-5", plantedMs: 3.07 });
  const [, added = ""] = [...readProjectFile("docs/artifacts/suite.md").matchAll(/```yaml\n([\s\S]*?)```/g)].map(
    ([, text]) => text,
  );
  expect(parseSuite(exampleText(suite) + added, "s.yaml")).toMatchObject({ gateChanged: ["output_bytes"] });
});
