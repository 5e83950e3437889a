// @ts-check
// Bundles all scripts at once: node scripts/launcher/make-bundle.mjs
// Several of these may run at the same time: each writes a folder of its own and moves it to where it belongs.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { build } from "esbuild";
import { BUNDLES, freshBundle, ROOT, sha256Of, writeIndex } from "./bundle-index.mjs";

/** Native code, and large packages that are rarely needed. All are packages of the root. */
const EXTERNAL = ["sharp", "@mongodb-js/zstd", "esbuild", "playwright-core"];

/** A process that began with older bundles may still load a part of them. */
const KEPT_MS = 48 * 3_600_000;

/** Sources that change while they are bundled are bundled again, so many times at most. */
const MAX_ATTEMPTS = 5;

const SCRIPTS = path.join(ROOT, "scripts", "bench");

/** Programs that are no scripts, by the module that has their `main`. */
const PROGRAMS = { "measuring-process": "@forgebench/steps/measuring-process" };

/**
 * The files that an entry may load, and its sources.
 * @typedef {{ outputs: readonly string[], sources: readonly string[] }} MadeOf
 */

/** @returns {string[]} every script that has a launcher */
function scriptNames() {
  const files = readdirSync(SCRIPTS);
  const names = files.filter((file) => file.endsWith(".mjs")).map((file) => file.slice(0, -".mjs".length));
  return names.filter((name) => files.includes(`${name}.ts`));
}

/** @returns {Record<string, string>} the text of the entry of each script's flags, by name */
function flagTexts() {
  const answer = 'export { answerFlags } from "@forgebench/io";';
  const entry = (/** @type {string} */ name) => [`${name}.flags`, `export { spec } from "./${name}.ts"; ${answer}`];
  return Object.fromEntries(scriptNames().map(entry));
}

/** @returns {Record<string, string>} the text of the entry of each script and program, by name */
function mainTexts() {
  const modules = { ...Object.fromEntries(scriptNames().map((name) => [name, `./${name}.ts`])), ...PROGRAMS };
  const run = 'export { runInProcess } from "@forgebench/io";';
  return Object.fromEntries(
    Object.entries(modules).map(([name, module]) => [name, `export { main } from "${module}"; ${run}`]),
  );
}

/**
 * Gives the entries their text, and TypeScript its place: a module finds the files beside it where its source lies, not
 * where the bundle does. The last line of a script, which starts it when it is Node's own entry, is left out.
 * @param {Record<string, string>} texts by entry
 * @returns {import("esbuild").Plugin}
 */
function sources(texts) {
  return {
    name: "sources",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^entry:/ }, ({ path: entry }) => ({
        path: entry.slice("entry:".length),
        namespace: "entry",
      }));
      onLoad({ filter: /^/, namespace: "entry" }, ({ path: name }) => ({
        contents: texts[name] ?? "",
        resolveDir: SCRIPTS,
      }));
      onLoad({ filter: /\.ts$/ }, async ({ path: file }) => {
        const text = await readFile(file, "utf8");
        if (!text.includes("import.meta.url")) return undefined;
        const steps = path.relative(path.join(BUNDLES, "any"), file).split(path.sep).map(encodeURIComponent);
        const place = `new URL(${JSON.stringify(steps.join("/"))}, import.meta.url).href`;
        const own = text.replace(/^await launch\(import\.meta\.url, main\);$/m, "");
        return { contents: own.replaceAll("import.meta.url", place), loader: "ts" };
      });
    },
  };
}

/**
 * Leaves packages from outside alone. The flags of a script need none, and what nobody uses of them is not even read.
 * @type {import("esbuild").Plugin}
 */
const withoutPackages = {
  name: "without packages",
  setup({ onResolve }) {
    onResolve({ filter: /^/ }, ({ path: name, kind }) => {
      const isOurs = kind === "entry-point" || /^([./]|@forgebench\/)/.test(name);
      return isOurs && kind !== "dynamic-import" ? undefined : { path: name, external: true, sideEffects: false };
    });
  },
};

/**
 * @param {string} outdir
 * @param {Record<string, string>} texts of the entries, by name
 * @param {import("esbuild").Plugin[]} plugins
 * @returns {Promise<Map<string, MadeOf>>} by entry
 */
async function bundle(outdir, texts, plugins) {
  const { metafile } = await build({
    entryPoints: Object.fromEntries(Object.keys(texts).map((name) => [name, `entry:${name}`])),
    outdir,
    bundle: true,
    splitting: true,
    // Node need not look for a package.json to know what they are.
    outExtension: { ".js": ".mjs" },
    platform: "node",
    format: "esm",
    target: "node20.19",
    minifyWhitespace: true,
    minifySyntax: true,
    mainFields: ["module", "main"],
    external: EXTERNAL,
    // For NODE_OPTIONS=--enable-source-maps, which a bug of ours asks for.
    sourcemap: "linked",
    sourcesContent: false,
    metafile: true,
    absWorkingDir: ROOT,
    logLevel: "silent",
    // Packages in the older module format call `require` for Node's own modules.
    banner: {
      js: 'import { createRequire as requireOf } from "node:module";\nconst require = requireOf(import.meta.url);',
    },
    plugins: [...plugins, sources(texts)],
  });
  const others = otherSources();
  return new Map(
    Object.keys(texts).map((entry) => {
      const { files, inputs } = reachable(metafile, path.relative(ROOT, path.join(outdir, `${entry}.mjs`)));
      const outputs = files.map((file) => path.basename(file));
      return [entry, { outputs, sources: [...new Set([...inputs, ...others])] }];
    }),
  );
}

/**
 * Everything that an entry may load, now or later, and what that was made of.
 * @param {import("esbuild").Metafile} metafile
 * @param {string} entry
 */
function reachable({ outputs }, entry) {
  const files = new Set([entry]);
  const inputs = new Set();
  for (const file of files) {
    const output = outputs[file];
    for (const { path: imported, external } of output?.imports ?? []) if (!external) files.add(imported);
    for (const input of Object.keys(output?.inputs ?? {})) {
      if (!input.includes("node_modules/") && !input.startsWith("entry:")) inputs.add(input);
    }
  }
  return { files: [...files], inputs: [...inputs] };
}

/** The other inputs of a bundle: the exports of packages, the bundler, and the installed packages. */
function otherSources() {
  const packages = readdirSync(path.join(ROOT, "packages")).map((name) => `packages/${name}`);
  const shared = packages.flatMap((folder) => [`${folder}/package.json`, `${folder}/src/index.ts`]);
  const own = readdirSync(path.join(ROOT, "scripts", "launcher")).map((name) => `scripts/launcher/${name}`);
  const others = [...shared, ...own, "package.json", "tsconfig.json", "node_modules/.pnpm/lock.yaml"];
  return others.filter((name) => existsSync(path.join(ROOT, name)));
}

async function makeBundles() {
  mkdirSync(BUNDLES, { recursive: true });
  const made = mkdtempSync(path.join(BUNDLES, "making-"));
  try {
    const entries = await bundleUnchanged(made);
    const names = [...new Set([...entries.values()].flatMap(({ sources }) => sources))].sort();
    const key = createHash("sha256");
    for (const name of names) key.update(`${name}\n${sha256Of(path.join(ROOT, name))}\n`);
    const folder = `scripts-${key.digest("hex").slice(0, 16)}`;
    moveInto(made, path.join(BUNDLES, folder));
    for (const [entry, madeOf] of entries) writeIndex(entry, folder, madeOf);
    removeOld(folder);
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

/** @param {string} outdir */
async function bundleUnchanged(outdir) {
  for (let attempt = 1; ; attempt += 1) {
    // Clocks of file systems tick every few milliseconds.
    const startedMs = Date.now() - 20;
    const [flags, mains] = await Promise.all([
      bundle(outdir, flagTexts(), [withoutPackages]),
      bundle(outdir, mainTexts(), []),
    ]);
    const entries = new Map([...flags, ...mains]);
    const names = [...entries.values()].flatMap(({ sources }) => sources);
    const isChanged = [...new Set(names)].some((name) => statSync(path.join(ROOT, name)).ctimeMs >= startedMs);
    if (!isChanged || attempt === MAX_ATTEMPTS) return entries;
  }
}

/**
 * @param {string} made
 * @param {string} target may be there: of another process, which made the same, or torn
 */
function moveInto(made, target) {
  const isSame = readdirSync(made).every(
    (name) => sha256Of(path.join(target, name)) === sha256Of(path.join(made, name)),
  );
  if (isSame) return;
  rmSync(target, { recursive: true, force: true });
  try {
    renameSync(made, target);
  } catch (error) {
    // Another process was faster.
    if (!existsSync(target)) throw error;
  }
}

/** @param {string} current */
function removeOld(current) {
  for (const name of readdirSync(BUNDLES)) {
    const folder = path.join(BUNDLES, name);
    const isOurs = /^(scripts|making)-/.test(name) && name !== current;
    if (isOurs && Date.now() - statSync(folder).mtimeMs > KEPT_MS) rmSync(folder, { recursive: true, force: true });
  }
}

const entries = [...Object.keys(flagTexts()), ...Object.keys(mainTexts())];
if (entries.some((entry) => !freshBundle(entry))) await makeBundles();
