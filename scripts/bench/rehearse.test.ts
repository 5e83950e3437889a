import { readFile } from "node:fs/promises";
import path from "node:path";
import { PROJECT_ROOT } from "@forgebench/io";
import { SCENARIOS } from "@forgebench/rehearsal";
import { expect, it } from "vitest";

it("has every scenario played by ci.yml", async () => {
  const text = await readFile(path.join(PROJECT_ROOT, ".github/workflows/ci.yml"), "utf8");
  const names = [...(/scenario:\n((?: +- [\w-]+\n)+)/.exec(text)?.[1] ?? "").matchAll(/- ([\w-]+)/g)].map(
    ([, name]) => name,
  );
  expect(names).toEqual(Object.keys(SCENARIOS));
});
