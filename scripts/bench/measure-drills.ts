/**
 * Purpose: tests the whole chain: adds a known amount of work, memory or bytes to the reference subject, measures it
 *   against the unchanged build by evidence, and checks the verdict.
 * Reads: dist/cli.js (built if it is missing), a tier, the suite.
 * Writes: OUT-DIR, by default .tmp/bench/drills: the changed builds, a workspace and a comparison for each drill; with
 *   --out-json a measurement.
 * Network: none.
 * Secrets: none; the subject gets PATH, HOME, TMPDIR, LANG, TZ and a marker, nothing else.
 * Rerun: safe; each drill that is asked for is made anew.
 * Example: npm run bench:drills -- --drills output --max-blocks 4 --out-dir .tmp/bench/drills-small
 */
import { UsageError } from "@forgebench/errors";
import {
  endMeasurement,
  type FlagValues,
  integerFlag,
  launch,
  listFlag,
  makeMeasurement,
  optionalPath,
  pathFlag,
  runScript,
  type ScriptIo,
  type ScriptSpec,
} from "@forgebench/io";
import { DRILLS, DRILLS_DATASET, type Drill, drillFigures, formatDrills, judgeDrill, runDrills } from "@forgebench/lab";

const flags = {
  drills: listFlag({
    fallback: [],
    shown: "all",
    placeholder: "ID",
    description: `the drills to run: ${DRILLS.map(({ id }) => id).join(", ")}`,
  }),
  "max-blocks": integerFlag({
    min: 2,
    max: 10_000,
    unit: "blocks",
    fallback: 60,
    description: "the most blocks of a cell",
  }),
  "tier-manifest": optionalPath({
    placeholder: "FILE",
    description: `the tier that it runs on; default: ${DRILLS_DATASET.images} generated images`,
  }),
  suite: pathFlag({ placeholder: "FILE", fallback: "suites/imageforge.yaml", description: "how the subject is run" }),
  "out-dir": pathFlag({ fallback: ".tmp/bench/drills", description: "the folder of builds and measurements" }),
  "out-json": optionalPath({ placeholder: "FILE", description: "the measurement as JSON" }),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "npm run bench:drills --",
  purpose: "Makes the reference subject slower or larger by a known amount, and checks the verdict.",
  flags,
  outputs: { MEASUREMENT_JSON: "the file of --out-json" },
  notes: [
    "Each drill is a measurement by bench:run of the changed build against the unchanged one, judged by bench:compare in\nstrict mode. slower-N works N % longer in its warm path, duration does 10 % more within the time that it reports,\nmemory holds 20 MB, output writes images 1 % larger, none changes nothing.",
    "Exit 2 if a drill got a wrong verdict. Where undecided is allowed, it counts as missed, and is shown.",
  ],
  examples: ["npm run bench:drills -- --out-json drills.json", "npm run bench:drills -- --drills none,slower-10"],
};

type Flags = FlagValues<typeof flags>;

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, (values) => measureDrills(values, io));
}

async function measureDrills(values: Flags, io: ScriptIo): Promise<number> {
  const results = await runDrills(chooseDrills(values.drills), values, io);
  const judged = results.map(judgeDrill);
  const made = makeMeasurement(io, "bench:drills", drillFigures(judged), { drills: judged });
  return endMeasurement(io, made, { text: formatDrills(judged), outJson: values.outJson });
}

function chooseDrills(ids: readonly string[]): readonly Drill[] {
  const unknown = ids.find((wanted) => !DRILLS.some(({ id }) => id === wanted));
  if (unknown !== undefined) {
    const text = DRILLS.map(({ id }) => id).join(", ");
    throw new UsageError(`--drills: ${JSON.stringify(unknown)} is no drill`, [{ label: "expected", text }]);
  }
  return DRILLS.filter(({ id }) => ids.length === 0 || ids.includes(id));
}

await launch(import.meta.url, main);
