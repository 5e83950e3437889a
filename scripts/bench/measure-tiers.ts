/**
 * Purpose: measures how fast and in how much memory a tier is packed, against `tar -c | zstd -3 -T2` on the same files.
 *   The two sides of a pair run one after the other, and take turns to be first.
 * Reads: nothing; it makes files of its own, most of them as incompressible as images.
 * Writes: .tmp/bench/self-tiers or --workspace (about three times --size-mb), and the measurement that --out-json names.
 * Network: none.
 * Secrets: none.
 * Rerun: safe; what it wrote is made anew, and removed at the end.
 * Example: npm run bench:self:tiers
 */
import {
  EXIT,
  integerFlag,
  launch,
  optionalPath,
  pathFlag,
  printOutputs,
  runScript,
  type ScriptIo,
  type ScriptSpec,
} from "@forgebench/io";
import { endMeasuring, measurePacking, packOnly } from "@forgebench/lab";

const flags = {
  "size-mb": integerFlag({ min: 1, max: 100_000, unit: "megabytes", fallback: 2048, description: "size of the tier" }),
  pairs: integerFlag({ min: 1, max: 100, unit: "pairs", fallback: 5, description: "pairs of packing and tar | zstd" }),
  workspace: pathFlag({ placeholder: "DIR", fallback: ".tmp/bench/self-tiers", description: "where the files go" }),
  "out-json": optionalPath({ placeholder: "FILE", description: "the measurement as JSON" }),
  "pack-only": optionalPath({
    placeholder: "DIR",
    description: "only pack this tier folder to DIR.tar.zst and end: the process that is measured",
  }),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "npm run bench:self:tiers --",
  purpose: "Measures the packing of a large tier: time against tar | zstd -3 -T2 on the same files, and peak memory.",
  flags,
  outputs: { MEASUREMENT_JSON: "the file of --out-json" },
  notes: [
    "Packing is the code of build-tiers in a process of its own, timed from the first file to the archive on the disk; unlike\ntar | zstd it hashes and flushes the archive. Ratios are medians of the ratios of pairs. Exit 2 when a goal is missed.",
  ],
  examples: ["npm run bench:self:tiers", "npm run bench:self:tiers -- --size-mb 200 --pairs 3 --out-json tiers.json"],
};

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, async (values) => {
    if (values.packOnly !== undefined) {
      const { sha256, packMs } = await packOnly(values.packOnly, io);
      await printOutputs(io, { ARCHIVE_SHA256: sha256, PACK_MS: packMs });
      return EXIT.ok;
    }
    return endMeasuring(io, "bench:self:tiers", await measurePacking(values, "measure-tiers", io), values);
  });
}

await launch(import.meta.url, main);
