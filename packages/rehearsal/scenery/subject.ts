/**
 * What is measured in a rehearsal, in the place of packages/imageforge/src/cli.ts: a program that spends a known time, and
 * speaks as the image CLI does. Most of the time passes asleep, so that a busy machine disturbs little.
 */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
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
  process.exitCode = EXIT_CODE;
}
