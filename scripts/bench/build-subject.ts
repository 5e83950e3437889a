/**
 * Purpose: bundles the reference subject, packages/imageforge, to one file that plain Node runs.
 * Reads: packages/imageforge.
 * Writes: dist/cli.js (sharp stays outside and is found in node_modules beside or above it).
 * Network: none.
 * Secrets: none.
 * Rerun: safe; the same sources give the same bytes.
 * Example: npm run build
 */
import { EXIT, launch, pathFlag, printOutputs, runScript, type ScriptIo, type ScriptSpec } from "@forgebench/io";
import { subjectStep } from "@forgebench/steps";

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
  return runScript(spec, argv, io, async ({ out }) => {
    await printOutputs(io, { SUBJECT_CLI: await subjectStep(out) });
    return EXIT.ok;
  });
}

await launch(import.meta.url, main);
