/**
 * Purpose: measures how fast and in how much memory a large tier is downloaded, checked and unpacked, against
 *   `curl`, `sha256sum -c` and `tar --zstd -x` from the same server. The two sides of a pair run one after the other, and take turns to be first.
 * Reads: nothing; it makes a tier of its own and releases it on the stand-in GitHub of this machine.
 * Writes: .tmp/bench/self-download or --workspace (about five times --size-mb), and the measurement that --out-json names.
 * Network: loopback only.
 * Secrets: none.
 * Rerun: safe; what it wrote is made anew, and removed at the end.
 * Example: npm run bench:self:download
 */
import { integerFlag, launch, optionalPath, pathFlag, runScript, type ScriptIo, type ScriptSpec } from "@forgebench/io";
import { endMeasuring, measureDownload } from "@forgebench/lab";

const flags = {
  "size-mb": integerFlag({ min: 1, max: 100_000, unit: "megabytes", fallback: 2048, description: "size of the tier" }),
  pairs: integerFlag({ min: 1, max: 100, unit: "pairs", fallback: 5, description: "pairs of the two ways" }),
  workspace: pathFlag({ placeholder: "DIR", fallback: ".tmp/bench/self-download", description: "where the files go" }),
  "out-json": optionalPath({ placeholder: "FILE", description: "the measurement as JSON" }),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "npm run bench:self:download --",
  purpose:
    "Measures download, check and unpacking of a large tier: time against curl, sha256sum and tar, and peak memory.",
  flags,
  outputs: { MEASUREMENT_JSON: "the file of --out-json" },
  notes: [
    "The tier is released on a GitHub of this machine, and fetched from there by download-dataset, a process of its own with all\nits checks, and by the tools of the system. Ratios are medians of the ratios of pairs. Exit 2 when a goal is missed.",
  ],
  examples: ["npm run bench:self:download", "npm run bench:self:download -- --size-mb 200 --pairs 3"],
};

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, async (values) =>
    endMeasuring(io, "bench:self:download", await measureDownload(values, io), values),
  );
}

await launch(import.meta.url, main);
