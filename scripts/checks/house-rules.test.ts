import { memoryIo } from "@forgebench/io";
import { expect, it } from "vitest";
import { main } from "./house-rules.ts";
import { madeUpTree } from "./test-helpers.ts";

it("prints each problem with its place and remedy, and exits 2", async () => {
  const root = madeUpTree({
    "packages/stats/package.json": "{}",
    "packages/stats/src/a.ts": 'import { x } from "@forgebench/io";\n',
  });
  const io = memoryIo();
  expect(await main(["--root", root], io)).toBe(2);
  expect(io.stderrText()).toContain(
    'packages/stats/src/a.ts:1  "stats" may import no workspace package, but imports "io"  → take it as a parameter',
  );
  expect(io.stdoutText()).toMatch(/house rules, [1-9]\d* problems\n$/);
});

it("writes the schemas that it asks for", async () => {
  const root = madeUpTree({});
  const first = memoryIo();
  await main(["--root", root], first);
  expect(first.stderrText()).toContain("is not the JSON Schema of the");
  const second = memoryIo();
  await main(["--root", root, "--write"], second);
  expect(second.stderrText()).not.toContain("is not the JSON Schema of the");
});
