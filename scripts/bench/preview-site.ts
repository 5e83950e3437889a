/**
 * Purpose: shows how the website will present its benchmark data: one page that opens from a file.
 * Reads: latest.json and history.json of the website, or one of them.
 * Writes: an HTML page, by default .tmp/bench/site/preview.html.
 * Network: none.
 * Secrets: none.
 * Rerun: safe; the file is replaced.
 * Example: npm run bench:preview-site -- --help
 */
import { UsageError } from "@forgebench/errors";
import {
  EXIT,
  type FlagValues,
  launch,
  optionalPath,
  pathFlag,
  printOutputs,
  refuseSharedPaths,
  runScript,
  type ScriptIo,
  type ScriptSpec,
} from "@forgebench/io";
import { previewStep } from "@forgebench/steps";

const flags = {
  latest: optionalPath({ placeholder: "FILE", description: "latest.json of the website, or any site snapshot" }),
  history: optionalPath({ placeholder: "FILE", description: "history.json of the website" }),
  out: pathFlag({
    placeholder: "FILE",
    fallback: ".tmp/bench/site/preview.html",
    description: "where the page goes",
  }),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "pnpm run bench:preview-site --",
  purpose: "Shows how the website will present its benchmark data: one page that opens from a file.",
  flags,
  outputs: { PREVIEW_HTML: "the page" },
  notes: [
    "At least one of --latest and --history is needed. Without --latest the page shows the newest night of the history and\nsays that it is not the latest.",
  ],
  examples: [
    "pnpm run bench:preview-site -- --latest data/benchmarks/latest.json --history data/benchmarks/history.json",
    "pnpm run bench:preview-site -- --latest .tmp/bench/site/site-benchmark-snapshot.json",
  ],
};

type Flags = FlagValues<typeof flags>;

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, (values) => preview(values, io));
}

async function preview({ latest, history, out }: Flags, io: ScriptIo): Promise<number> {
  if (latest === undefined && history === undefined) {
    throw new UsageError("there is nothing to preview", [
      { label: "expected", text: "at least one of --latest and --history" },
    ]);
  }
  refuseSharedPaths({ latest, history }, { out });
  await previewStep({ latest, history, out });
  await printOutputs(io, { PREVIEW_HTML: out });
  return EXIT.ok;
}

await launch(import.meta.url, main);
