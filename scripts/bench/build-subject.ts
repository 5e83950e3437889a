/**
 * Purpose: bundles the reference subject, packages/imageforge, to one file that plain Node runs.
 * Reads: packages/imageforge.
 * Writes: dist/cli.js (sharp stays outside and is found in node_modules beside or above it).
 * Network: none.
 * Secrets: none.
 * Rerun: safe; the same sources give the same bytes.
 * Example: npm run build
 */
import { chmod, rename, rm } from "node:fs/promises";
import path from "node:path";
import { OperationError } from "@forgebench/errors";
import {
  EXIT,
  type FlagValues,
  launch,
  makeFolder,
  outputError,
  PROJECT_ROOT,
  pathFlag,
  printOutputs,
  runScript,
  type ScriptIo,
  type ScriptSpec,
  temporaryName,
} from "@forgebench/io";
import type { BuildFailure, Plugin } from "esbuild";

const flags = {
  out: pathFlag({ placeholder: "FILE", fallback: "dist/cli.js", description: "the bundle" }),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "npm run build --",
  purpose: "Bundles the reference subject, a small image CLI, to one file that plain Node runs.",
  flags,
  outputs: { SUBJECT_CLI: "the bundle" },
  examples: ["npm run build", "npm run build -- --out .tmp/other/cli.js"],
};

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, (values) => buildSubject(values, io));
}

async function buildSubject({ out }: FlagValues<typeof flags>, io: ScriptIo): Promise<number> {
  await makeFolder(path.dirname(out));
  const temporary = temporaryName(out);
  try {
    await bundle(temporary);
    await chmod(temporary, 0o755);
    await rename(temporary, out);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error instanceof OperationError ? error : outputError(`Cannot write "${out}"`, error);
  }
  await printOutputs(io, { SUBJECT_CLI: out });
  return EXIT.ok;
}

/**
 * Gets Node's own modules by a call instead of an import: Node 22 and 24 take some milliseconds longer for a handful of
 * imports, a fifth of the time of an empty program, and that would be in every warm run.
 */
const builtinsByCall: Plugin = {
  name: "builtins by call",
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^node:/ }, ({ path: name }) => ({ path: name, namespace: "builtin" }));
    onLoad({ filter: /^/, namespace: "builtin" }, async ({ path: name }) => {
      const names = Object.keys((await import(name)) as object).filter((key) => key !== "default");
      // Marked as pure, so that only the names that are used are kept.
      const exported = names.map((key) => `export const ${key} = /* @__PURE__ */ (() => builtin.${key})();`);
      const contents = [`const builtin = process.getBuiltinModule(${JSON.stringify(name)});`, ...exported];
      return { contents: [...contents, "export default builtin;"].join("\n") };
    });
  },
};

async function bundle(outfile: string): Promise<void> {
  const { build } = await import("esbuild");
  try {
    await build({
      entryPoints: [path.join(PROJECT_ROOT, "packages/imageforge/src/cli.ts")],
      outfile,
      absWorkingDir: PROJECT_ROOT,
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node20",
      external: ["sharp"],
      plugins: [builtinsByCall],
      minifySyntax: true,
      minifyWhitespace: true,
      banner: { js: "#!/usr/bin/env node" },
      logLevel: "silent",
    });
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    const [first] = error.errors;
    const where = first?.location == null ? "" : ` (${first.location.file}:${first.location.line})`;
    throw new OperationError("data", `Cannot bundle packages/imageforge: ${first?.text ?? "no reason given"}${where}`, {
      cause: error,
    });
  }
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && "errors" in error && Array.isArray(error.errors) && error.errors.length > 0;
}

await launch(import.meta.url, main);
