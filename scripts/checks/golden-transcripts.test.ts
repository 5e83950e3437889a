import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { PROJECT_ROOT } from "@forgebench/io";
import { afterAll, describe, expect, it } from "vitest";
import {
  expectsFiles,
  listSituations,
  playSituation,
  readExpected,
  writeExpected,
} from "./golden-transcripts/test-helpers.ts";

// UPDATE_GOLDEN=1 npx vitest run scripts/checks/golden-transcripts.test.ts   makes the fixtures expect today's answers.
const UPDATE = process.env.UPDATE_GOLDEN === "1";

for (const situation of listSituations(PROJECT_ROOT)) {
  it(`${situation.script}: ${situation.name}`, async () => {
    const transcript = await playSituation(PROJECT_ROOT, situation);
    if (UPDATE) writeExpected(situation, transcript);
    const expected = readExpected(situation);
    expect(transcript.stderr).toBe(expected.stderr);
    expect(transcript.stdout).toBe(expected.stdout);
    expect(transcript.exitCode).toBe(expected.exitCode);
    if (expectsFiles(situation))
      expect(Object.fromEntries(transcript.files)).toEqual(Object.fromEntries(expected.files));
  });
}

describe("the harness", () => {
  const root = mkdtempSync(path.join(os.tmpdir(), "golden-test-"));
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  const put = (file: string, text: string) => {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  };

  it("plays a situation in a copy of its input and keeps the machine out of the transcript", async () => {
    put(
      "scripts/bench/echo.ts",
      `import { readFileSync, writeFileSync } from "node:fs";
       export async function main(argv, io) {
         io.stdout.write(\`\${JSON.stringify(argv)} \${io.cwd} \${io.now().toISOString()}\\n\`);
         io.stderr.write(readFileSync(\`\${io.cwd}/in.txt\`, "utf8"));
         writeFileSync(\`\${io.cwd}/out.txt\`, \`made in \${io.cwd}\`);
         return 3;
       }`,
    );
    put("fixtures/scripts/echo/one/args", "--a\n\nb c\n");
    put("fixtures/scripts/echo/one/input/in.txt", "from the input\n");
    put("fixtures/scripts/echo/one/expected.files/out.txt", "");
    const [situation] = listSituations(root);
    if (situation === undefined) throw new Error("no situation was found");

    const transcript = await playSituation(root, situation);
    expect(transcript).toEqual({
      stdout: '["--a","","b c"] <tmp> 2026-02-15T00:00:00.000Z\n',
      stderr: "from the input\n",
      exitCode: 3,
      files: new Map([["out.txt", "made in <tmp>"]]),
    });
    expect(readExpected(situation)).not.toEqual(transcript);
    writeExpected(situation, transcript);
    expect(readExpected(situation)).toEqual(transcript);
  });
});
