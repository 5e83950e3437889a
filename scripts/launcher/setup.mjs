// @ts-check
// Installs the packages and bundles the scripts: node scripts/launcher/setup.mjs [--if-changed]
// Safe to run again, also after it was killed: only an installation that has ended counts.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { BUNDLES, ROOT, sha256Of } from "./bundle-index.mjs";
import { withoutSecrets } from "./secrets.mjs";

const PNPM = "pnpm@10.34.9";

/** Holds the state of the sources that was installed; it is missing while an installation runs. */
const INSTALLED = path.join(BUNDLES, "installed.json");

/** Two installations at once would disturb one another. */
const LOCK = path.join(ROOT, ".tmp", "setup.lock");

/** No installation takes this long: the process that left the lock is gone, even if another one has its number now. */
const LOCK_EXPIRES_MS = 15 * 60_000;

/** A lock without a number is taken for one that is being made so long. */
const LOCK_UNSIGNED_MS = 5_000;

/** Exit codes of `packages/io/src/exit-codes.ts`, which cannot be loaded here. */
const [USAGE, SERVICE, OUTPUT] = [64, 69, 73];

/**
 * Makes the checkout ready to run. Ends the process when that fails.
 * @param {{ ifChanged: boolean }} options `ifChanged`: do nothing when the packages are those that were installed last
 */
export async function setUp({ ifChanged }) {
  assertNodeFits();
  if (ifChanged && isInstalled()) return;
  await takeLock();
  try {
    // Another process may have done it while this one waited.
    if (ifChanged && isInstalled()) return;
    const startedMs = performance.now();
    process.stderr.write("setup      installing packages\n");
    install();
    bundle();
    mkdirSync(BUNDLES, { recursive: true });
    writeFileSync(INSTALLED, stateOfPackages());
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    process.stderr.write(`setup      packages installed, scripts bundled  ${seconds} s\n`);
  } finally {
    rmSync(LOCK, { force: true });
  }
}

function assertNodeFits() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if ((major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major >= 24) return;
  fail(USAGE, `Cannot run on Node ${process.versions.node}`, "expected   Node 20.19, 22.12 or 24, or newer");
}

function install() {
  rmSync(INSTALLED, { force: true });
  const args = ["-y", PNPM, "install", "--frozen-lockfile", "--prefer-offline"];
  const { status, error, stdout, stderr } = spawnSync("npx", args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  if (status === 0) return;
  process.stderr.write(`${stdout ?? ""}${stderr ?? ""}`);
  const reason = error === undefined ? "see above" : error.message;
  fail(SERVICE, `Cannot install the packages: ${reason}`, "try        npm run setup, once npm reaches its registry");
}

/** Without bundles scripts start slowly, and otherwise as well. */
function bundle() {
  const program = path.join(ROOT, "scripts", "launcher", "make-bundle.mjs");
  spawnSync(process.execPath, [program], { env: withoutSecrets(process.env), stdio: ["ignore", "ignore", 2] });
}

function isInstalled() {
  try {
    return readFileSync(INSTALLED, "utf8") === stateOfPackages() && workspaces().every(hasItsPackages);
  } catch {
    return false;
  }
}

/** What decides which packages are installed. */
function stateOfPackages() {
  const manifests = workspaces().map((folder) => path.join(folder, "package.json"));
  const files = ["pnpm-lock.yaml", "pnpm-workspace.yaml", ...manifests];
  const hashes = files.map((name) => [name, sha256Of(path.join(ROOT, name))]);
  return JSON.stringify({ pnpm: PNPM, modules: process.versions.modules, files: Object.fromEntries(hashes) });
}

function workspaces() {
  return [".", ...readdirSync(path.join(ROOT, "packages")).map((name) => path.join("packages", name))];
}

/** @param {string} folder */
function hasItsPackages(folder) {
  const { dependencies = {} } = JSON.parse(readFileSync(path.join(ROOT, folder, "package.json"), "utf8"));
  return Object.keys(dependencies).every((name) => existsSync(path.join(ROOT, folder, "node_modules", name)));
}

async function takeLock() {
  let isTold = false;
  for (;;) {
    try {
      mkdirSync(path.dirname(LOCK), { recursive: true });
      writeFileSync(LOCK, `${process.pid}\n`, { flag: "wx" });
      return;
    } catch (error) {
      if (codeOf(error) !== "EEXIST") fail(OUTPUT, `Cannot write "${LOCK}": ${messageOf(error)}`);
    }
    const owner = ownerOfLock();
    if (owner === undefined) rmSync(LOCK, { force: true });
    else {
      if (!isTold && owner > 0) {
        process.stderr.write(`setup      waiting for process ${owner}, which installs the packages\n`);
        isTold = true;
      }
      await sleep(200);
    }
  }
}

/** @returns {number | undefined} the process that holds the lock, 0 when its number is not known, undefined when there is none */
function ownerOfLock() {
  try {
    const pid = Number(readFileSync(LOCK, "utf8"));
    const ageMs = Date.now() - statSync(LOCK).mtimeMs;
    // Its process has just made the file, and is about to write its number.
    if (pid === 0 && ageMs < LOCK_UNSIGNED_MS) return 0;
    if (!(pid > 0) || ageMs > LOCK_EXPIRES_MS) return undefined;
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    return codeOf(error) === "EPERM" ? 0 : undefined;
  }
}

/**
 * @param {number} exitCode
 * @param {string} message
 * @param {string} [remedy]
 * @returns {never}
 */
function fail(exitCode, message, remedy) {
  process.stderr.write([`error: ${message}`, ...(remedy === undefined ? [] : [`  ${remedy}`])].join("\n"));
  process.stderr.write(`\nexit ${exitCode}\n`);
  process.exit(exitCode);
}

/** @param {unknown} error */
function codeOf(error) {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

/** @param {unknown} error */
function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}

if (process.argv[1] !== undefined && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [flag, ...more] = process.argv.slice(2);
  if (more.length > 0 || (flag !== undefined && flag !== "--if-changed")) {
    fail(USAGE, `unexpected argument ${JSON.stringify(more[0] ?? flag)}`, "expected   nothing, or --if-changed");
  }
  await setUp({ ifChanged: flag === "--if-changed" });
}
