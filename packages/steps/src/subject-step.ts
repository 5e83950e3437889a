import { chmod, rename, rm } from "node:fs/promises";
import path from "node:path";
import { OperationError } from "@forgebench/errors";
import { makeFolder, outputError, PROJECT_ROOT, temporaryName } from "@forgebench/io";
import type { BuildFailure, Plugin } from "esbuild";

/**
 * Bundles the reference subject, a small image CLI, to one file that plain Node runs.
 * @throws {OperationError} when its sources do not compile, or the file cannot be written.
 */
export async function subjectStep(out: string): Promise<string> {
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
  return out;
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
