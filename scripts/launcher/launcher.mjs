// @ts-check
// Starts a script from a bundle, in a fraction of the time that compiling its sources would take. Plain JavaScript, and
// nothing but Node: it runs before anything is compiled.
import { utimesSync } from "node:fs";
import * as nodeModule from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { BUNDLES, freshBundle, ROOT } from "./bundle-index.mjs";
import { withoutSecrets } from "./secrets.mjs";

/**
 * The last line of every launcher `scripts/bench/NAME.mjs`: runs `NAME.ts` beside it. Wrong flags and `--help` are
 * answered before the rest is loaded. Changed sources are bundled anew; if that is not possible, it runs from source.
 * @param {string} launcherUrl the launcher's own `import.meta.url`
 * @returns {Promise<void>}
 */
export async function start(launcherUrl) {
  const name = path.basename(fileURLToPath(launcherUrl), ".mjs");
  const source = `scripts/bench/${name}.ts`;
  const flags = freshBundle(`${name}.flags`) ?? (makeBundles(name) && freshBundle(`${name}.flags`));
  if (flags === undefined) return startFromSource(source);
  keepCompiled();
  const { spec, answerFlags } = await import(pathToFileURL(flags).href);
  const exitCode = await answerFlags(spec, process.argv.slice(2));
  if (exitCode !== undefined) {
    process.exitCode = exitCode;
    return;
  }
  return startMain(name, source);
}

/**
 * Runs the `main` of a program from its bundle; from source where that cannot be made.
 * @param {string} name of the bundle
 * @param {string} source of the program, from the project's root
 * @returns {Promise<void>}
 */
export async function startMain(name, source) {
  const file = freshBundle(name) ?? (makeBundles(name) && freshBundle(name));
  if (file === undefined) return startFromSource(source);
  keepCompiled();
  keepFromRemoval(path.dirname(file));
  const { main, runInProcess } = await import(pathToFileURL(file).href);
  await runInProcess(main);
}

/** Node 22 and newer keep what they compiled; the types are those of Node 20. */
function keepCompiled() {
  const { enableCompileCache } = /** @type {{ enableCompileCache?: (folder: string) => void }} */ (nodeModule);
  enableCompileCache?.(path.join(BUNDLES, "compiled"));
}

/**
 * Bundles that were not started lately are removed when others are made.
 * @param {string} folder
 */
function keepFromRemoval(folder) {
  try {
    utimesSync(folder, new Date(), new Date());
  } catch {
    // A folder that cannot be written to is not removed either.
  }
}

/**
 * Makes the bundles in a child, so that the compiler sees no token.
 * @param {string} name
 * @returns {true | undefined} undefined when they cannot be made
 */
function makeBundles(name) {
  const { spawnSync } = process.getBuiltinModule("node:child_process");
  const program = path.join(ROOT, "scripts", "launcher", "make-bundle.mjs");
  const env = withoutSecrets(process.env, process.argv);
  const { status, stderr } = spawnSync(process.execPath, [program], { env, encoding: "utf8" });
  if (status === 0) return true;
  process.stderr.write(`note: ${name} runs from source, which starts slowly: ${reasonOf(stderr)}\n`);
  return undefined;
}

/** @param {string} source */
async function startFromSource(source) {
  const env = { ...process.env };
  // tsx starts a compiler, too.
  const kept = withoutSecrets(env, process.argv);
  for (const variable of Object.keys(env)) if (!(variable in kept)) delete process.env[variable];
  const { register } = await import("tsx/esm/api").catch(notInstalled);
  register();
  const [{ runInProcess }, { main }] = await Promise.all([
    import("@forgebench/io"),
    import(pathToFileURL(path.join(ROOT, source)).href),
  ]);
  await runInProcess((argv, io) => main(argv, { ...io, env }));
}

/** @returns {never} */
function notInstalled() {
  process.stderr.write(
    "error: the packages of this checkout are not installed\n  try   npm run setup\nexit 64 (usage)\n",
  );
  process.exit(64);
}

/** @param {string} stderr of a program that failed; what Node prints around a message is left out */
function reasonOf(stderr) {
  const lines = stderr.split("\n").map((line) => line.trim());
  return (
    lines.find((line) => /^(\w*Error\b|error\b)/i.test(line)) ?? lines.find((line) => line !== "") ?? "no reason given"
  );
}
