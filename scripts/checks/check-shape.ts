/**
 * Purpose: describes the shape of the code: lines and tokens by package, lengths of functions, documented exports.
 * Reads: the sources of the project, or of another checkout.
 * Writes: nothing.
 * Network: none.
 * Secrets: none.
 * Rerun: safe.
 * Example: npm run check:shape
 */
import { UsageError } from "@forgebench/errors";
import { choiceFlag, EXIT, launch, pathFlag, runScript, type ScriptIo, type ScriptSpec } from "@forgebench/io";
import { formatShape } from "./shape/format-shape.ts";
import { measureShape } from "./shape/measure-shape.ts";

const flags = {
  root: pathFlag({ placeholder: "DIR", fallback: ".", description: "the checkout to look at" }),
  format: choiceFlag({ choices: ["table", "json"], fallback: "table", description: "how to print it" }),
};

const spec: ScriptSpec<typeof flags> = {
  command: "npm run check:shape --",
  purpose: "Describes the shape of the code: lines and tokens by package, lengths of functions, documented exports.",
  flags,
  notes: [
    "Lines are those that hold code: neither blank ones nor comments. Files that only tests use count as tests: test-helpers.ts,\ntesting*.ts and fixtures. Tokens, functions and exports are those of the rest. Tokens are those of TypeScript's scanner\nwithout comments and white space: layout does not change them. Functions have a body in braces, and their lines are\ncounted from the signature to the last brace, all of them. What a program made (*.generated.*) is left out.",
    "docs is the share of the exports with a docstring. A script's main and spec count as documented when the script opens\nwith its header (Purpose, Reads, Writes and so on): that is its documentation.",
    "It refuses nothing: check:house reports the problems.",
  ],
  examples: ["npm run check:shape", "npm run check:shape -- --root ../forgebench-before --format json"],
};

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, async ({ root, format }) => {
    const shape = measureShape(root);
    if (shape.groups.length === 0) {
      throw new UsageError(`--root: "${root}" has no sources in packages or scripts`, [
        { label: "expected", text: "the top folder of a checkout of this project" },
      ]);
    }
    io.stdout.write(format === "json" ? `${JSON.stringify(shape, null, 2)}\n` : formatShape(shape));
    return EXIT.ok;
  });
}

await launch(import.meta.url, main);
