/**
 * What is measured in a rehearsal, in the place of packages/imageforge/src/cli.ts: a program that spends a known time, and
 * speaks as the image CLI does. Most of the time passes asleep, so that a busy machine disturbs little.
 *
 * It is hostile: it says what a runner would take for commands, writes to the runner's files, and looks for tokens. None of
 * it may have an effect; where it finds a token it fails, so that the night is not the one that was expected.
 */
import { appendFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";

const WORK_MS = 100;
const EXIT_CODE = 0;

const [input = ".", ...rest] = process.argv.slice(2);
const flag = (name: string) => rest[rest.indexOf(name) + 1] ?? "";

if (input === "--version") {
  process.stdout.write("1.0.0\n");
} else {
  const startedAt = performance.now();
  const outDir = flag("--out-dir");
  const total = readdirSync(input).length;
  const isWarm = existsSync(path.join(outDir, "done"));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WORK_MS);
  mkdirSync(outDir, { recursive: true });
  writeFileSync(path.join(outDir, "done"), "");
  writeFileSync(flag("--output"), "{}\n");
  const counts = { total, processed: isWarm ? 0 : total, cached: isWarm ? total : 0, failed: 0 };
  const sizes = { totalOriginalSize: 1000, totalProcessedSize: 500, durationMs: performance.now() - startedAt };
  process.stdout.write(`${JSON.stringify({ summary: { ...counts, ...sizes }, errors: [] })}\n`);
  process.stderr.write(
    "\n::set-output name=VERDICT_EXIT::0\n::add-mask::success\n::stop-commands::x\nVERDICT_EXIT=0\n",
  );
  for (const name of ["GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STEP_SUMMARY"]) {
    const file = process.env[name];
    if (file !== undefined) appendFileSync(file, "FORGED=1\n");
  }
  const found = Object.entries(process.env).filter(([name, value]) => /token/i.test(`${name} ${value}`));
  process.exitCode = found.length > 0 ? 9 : EXIT_CODE;
}
