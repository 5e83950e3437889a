/** What happens once before all tests of a run, and once after them. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";

/** Tools keep what they compiled there for the next time; no test makes these. */
const CACHES = /^(tsx-\d+|node-compile-cache)$/;

/** What `.ci/run` installs. */
const TOOLS = ["zstd", "hyperfine", "chromium"];

function isInstalled(tool: string): boolean {
  return (process.env.PATH ?? "").split(path.delimiter).some((folder) => existsSync(path.join(folder, tool)));
}

/**
 * Gives the run a temporary folder of its own. Whatever a test leaves in it makes the run fail and names it, so that nobody
 * has to remember to look; then the folder is removed with all that is in it.
 */
export default function setup(): () => void {
  // Of all tests that start a script, the first would make the bundles, and those beside it would make them again.
  const program = path.join(import.meta.dirname, "../launcher/make-bundle.mjs");
  execFileSync(process.execPath, [program], { stdio: ["ignore", "ignore", "inherit"] });

  const missing = TOOLS.filter((tool) => !isInstalled(tool));
  if (missing.length > 0)
    process.stderr.write(`not installed here, so that tests that need them are skipped: ${missing.join(", ")}\n`);

  const { TMPDIR: outer } = process.env;
  const folder = mkdtempSync(path.join(realpathSync(os.tmpdir()), "forgebench-tests-"));
  process.env.TMPDIR = folder;
  return () => {
    const left = readdirSync(folder).filter((name) => !CACHES.test(name));
    rmSync(folder, { recursive: true, force: true });
    if (outer === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = outer;
    if (left.length === 0) return;
    process.exitCode = 1;
    throw new Error(`Tests left ${left.length} in the temporary folder: ${left.slice(0, 40).join(", ")}`);
  };
}
