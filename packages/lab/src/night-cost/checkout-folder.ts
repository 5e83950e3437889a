import { readFile } from "node:fs/promises";
import path from "node:path";
import { UsageError } from "@forgebench/errors";

/** The scripts that are measured, by their entry in package.json. */
export type Entry = "bench:compare" | "bench:verify";

/** An installed checkout of the project, and how it starts its scripts. */
export interface Checkout {
  /** For the names of its files. */
  readonly name: "own" | "reference";
  readonly root: string;
  readonly commands: Readonly<Record<Entry, readonly string[]>>;
}

/** Reads how a checkout starts its scripts. @throws {UsageError} when it is none. */
export async function readCheckout(name: Checkout["name"], root: string): Promise<Checkout> {
  const file = path.join(root, "package.json");
  const { scripts = {} }: { scripts?: Readonly<Record<string, string>> } = await readFile(file, "utf8")
    .then(JSON.parse)
    .catch(() => ({}));
  const commandOf = (entry: Entry) => {
    const [, program, script] = /^(node|tsx) (scripts\/bench\/[\w-]+\.(?:ts|mjs))$/.exec(scripts[entry] ?? "") ?? [];
    if (script === undefined) {
      throw new UsageError(`--reference: "${root}" has no ${entry} that node or tsx starts`, [
        { label: "expected", text: "an installed checkout of this project" },
      ]);
    }
    return [process.execPath, ...(program === "tsx" ? ["--import", "tsx"] : []), script];
  };
  const commands = { "bench:compare": commandOf("bench:compare"), "bench:verify": commandOf("bench:verify") };
  return { name, root, commands };
}
