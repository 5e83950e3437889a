// @ts-check
// Bundles all scripts at once: node scripts/launcher/make-bundle.mjs prints the folder of the bundles.
// Several of these may run at the same time: each writes a folder of its own and moves it to where it belongs.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { BUNDLES, ROOT, readFreshBundle, sha256Of, writeIndex } from "./bundle-index.mjs";

/** Native code, and what is large and rarely asked for. All are packages of the root. */
const EXTERNAL = ["sharp", "@mongodb-js/zstd", "esbuild", "playwright-core"];

/** A process that began with older bundles may still load a part of them. */
const KEPT_MS = 48 * 3_600_000;

/** Sources that change while they are bundled are bundled again, so many times at most. */
const MAX_ATTEMPTS = 5;

const SCRIPTS = path.join(ROOT, "scripts", "bench");

/** @returns {string[]} every script that has a launcher */
function scriptNames() {
  const files = readdirSync(SCRIPTS);
  const names = files.filter((file) => file.endsWith(".mjs")).map((file) => file.slice(0, -".mjs".length));
  return names.filter((name) => files.includes(`${name}.ts`));
}

/** The entry of a bundle: the script, and what runs it. */
const entries = {
  name: "entries",
  /** @param {import("esbuild").PluginBuild} build */
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^entry:/ }, ({ path: entry }) => ({
      path: entry.slice("entry:".length),
      namespace: "entry",
    }));
    onLoad({ filter: /^/, namespace: "entry" }, ({ path: name }) => ({
      contents: `export { main } from "./${name}.ts"; export { runInProcess } from "@forgebench/io";`,
      resolveDir: SCRIPTS,
    }));
  },
};

/** A module finds the files beside it where its source lies, not where the bundle does. */
const ownPlaces = {
  name: "own places",
  /** @param {import("esbuild").PluginBuild} build */
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path: file }) => {
      const text = await readFile(file, "utf8");
      if (!text.includes("import.meta.url")) return undefined;
      const steps = path.relative(path.join(BUNDLES, "any"), file).split(path.sep).map(encodeURIComponent);
      const place = `new URL(${JSON.stringify(steps.join("/"))}, import.meta.url).href`;
      return { contents: text.replaceAll("import.meta.url", place), loader: "ts" };
    });
  },
};

/**
 * @param {string} outdir
 * @returns {Promise<{ sources: string[], outputs: string[] }>}
 */
async function bundle(outdir) {
  const { build } = await import("esbuild");
  const { metafile } = await build({
    entryPoints: Object.fromEntries(scriptNames().map((name) => [name, `entry:${name}`])),
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
    metafile: true,
    absWorkingDir: ROOT,
    logLevel: "silent",
    // Packages in the older module format call `require` for Node's own modules.
    banner: {
      js: 'import { createRequire as requireOf } from "node:module";\nconst require = requireOf(import.meta.url);',
    },
    plugins: [entries, ownPlaces],
  });
  const inputs = Object.keys(metafile.inputs).filter((name) => !name.startsWith("entry:"));
  return {
    sources: [...inputs.filter((name) => !name.includes("node_modules/")), ...otherSources()],
    outputs: Object.keys(metafile.outputs).map((name) => path.relative(outdir, path.join(ROOT, name))),
  };
}

/** What decides beside the sources themselves: the bundler, and which packages are found. */
function otherSources() {
  const manifests = readdirSync(path.join(ROOT, "packages")).map((name) => `packages/${name}/package.json`);
  const own = readdirSync(path.join(ROOT, "scripts", "launcher")).filter((name) => !name.endsWith(".test.ts"));
  const kept = [...manifests, ...own.map((name) => `scripts/launcher/${name}`), "package.json", "tsconfig.json"];
  return [...kept, "node_modules/.pnpm/lock.yaml"].filter((name) => existsSync(path.join(ROOT, name)));
}

async function makeBundles() {
  mkdirSync(BUNDLES, { recursive: true });
  const made = mkdtempSync(path.join(BUNDLES, "making-"));
  try {
    const { sources, outputs } = await bundleUnchanged(made);
    const key = createHash("sha256");
    for (const name of [...sources].sort()) key.update(`${name}\n${sha256Of(path.join(ROOT, name))}\n`);
    const folder = `scripts-${key.digest("hex").slice(0, 16)}`;
    moveInto(made, path.join(BUNDLES, folder), outputs);
    writeIndex(folder, sources, outputs);
    removeOld(folder);
    return path.join(BUNDLES, folder);
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

/** @param {string} outdir */
async function bundleUnchanged(outdir) {
  for (let attempt = 1; ; attempt += 1) {
    // Clocks of file systems tick every few milliseconds.
    const startedMs = Date.now() - 20;
    const made = await bundle(outdir);
    const isChanged = made.sources.some((name) => statSync(path.join(ROOT, name)).ctimeMs >= startedMs);
    if (!isChanged || attempt === MAX_ATTEMPTS) return made;
  }
}

/**
 * @param {string} made
 * @param {string} target may be there: of another process, which made the same, or torn
 * @param {readonly string[]} outputs
 */
function moveInto(made, target, outputs) {
  const isSame = outputs.every((name) => sha256Of(path.join(target, name)) === sha256Of(path.join(made, name)));
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

process.stdout.write(`${readFreshBundle(scriptNames()[0] ?? "") ?? (await makeBundles())}\n`);
