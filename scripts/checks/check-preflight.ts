import { existsSync } from "node:fs";
import path from "node:path";
import { build } from "esbuild";
import { objectTo, type Problem, readText } from "./source-tree.ts";

/** The bundle that the launcher of `npm run bench` runs before anything is installed, and its source. */
export const PREFLIGHT = "scripts/launcher/preflight.generated.mjs";
const SOURCE = "scripts/launcher/preflight.ts";

const HEADER = `// Made of ${path.posix.basename(SOURCE)} by npm run check:house -- --write. Do not edit.\n`;

/** The committed bundle is the one that is made of the sources as they are. */
export async function checkPreflight(root: string): Promise<Problem[]> {
  if (!existsSync(path.join(root, SOURCE)) || readText(root, PREFLIGHT) === (await preflightText(root))) return [];
  return [objectTo(PREFLIGHT, `was not made of the current ${SOURCE}`, "npm run check:house -- --write")];
}

/** The bundle: no package beside Node, readable, with the project's root found from where it lies. */
export async function preflightText(root: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [path.join(root, SOURCE)],
    bundle: true,
    write: false,
    platform: "node",
    format: "esm",
    target: "node20.19",
    logLevel: "silent",
    // The one place that asks where it is: it wants the project's root, three folders above it.
    define: { "import.meta.url": "import_meta_url" },
    banner: {
      js: `${HEADER}const import_meta_url = new URL("../../packages/io/src/script.ts", import.meta.url).href;`,
    },
    absWorkingDir: root,
  });
  return outputFiles[0]?.text ?? "";
}
