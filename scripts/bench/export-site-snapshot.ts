/**
 * Purpose: makes the snapshot that the website shows from the summaries of a run and their comparison.
 * Reads: head and base summary, and the comparison of the two.
 * Writes: site-benchmark-snapshot.json, by default in .tmp/bench/site.
 * Network: none.
 * Secrets: none.
 * Rerun: safe; the file is replaced.
 * Example: see docs/runbook.md, "Export Site Snapshot (local)"
 */
import type { SiteSnapshot } from "@forgebench/artifacts";
import { UsageError } from "@forgebench/errors";
import {
  EXIT,
  type FlagValues,
  launch,
  oneLineText,
  optionalText,
  pathFlag,
  printOutputs,
  refuseSharedPaths,
  requiredInteger,
  requiredPath,
  requiredText,
  runScript,
  type ScriptIo,
  type ScriptSpec,
  switchFlag,
  textFlag,
} from "@forgebench/io";
import { snapshotStep } from "@forgebench/steps";

const BRANCH = /^(?![/.-])(?!.*(\.\.|@\{|\/\/))[^\s~^:?*[\\]+$/;
const flags = {
  "head-summary": requiredPath({ placeholder: "FILE", description: "the summary of the head arm" }),
  "base-summary": requiredPath({ placeholder: "FILE", description: "the summary of the base arm" }),
  compare: requiredPath({ placeholder: "FILE", description: "the comparison of these two summaries" }),
  out: pathFlag({
    placeholder: "FILE",
    fallback: ".tmp/bench/site/site-benchmark-snapshot.json",
    description: "where the snapshot goes",
  }),
  repository: requiredText({
    placeholder: "OWNER/NAME",
    pattern: /^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9_][\w.-]*$/,
    expected: "owner/name",
    description: "the repository of the measured CLI",
  }),
  "workflow-name": requiredText({ description: "the workflow that measured" }),
  "workflow-path": requiredText({
    placeholder: "PATH",
    pattern: /^(?![/\\~])(?!.*\.\.)/,
    expected: "a path inside the repository",
    description: "its file in the repository",
  }),
  "run-id": requiredInteger({ min: 1, max: Number.MAX_SAFE_INTEGER, unit: "a run id", description: "the run's id" }),
  "run-attempt": requiredInteger({ min: 1, max: 1_000_000, unit: "attempts", description: "which attempt of the run" }),
  "run-url": requiredText({
    placeholder: "URL",
    pattern: /^https:\/\//,
    expected: "an https address",
    description: "the run's page",
  }),
  "event-name": requiredText({ description: "what started the run, for example schedule" }),
  "ref-name": requiredText({
    pattern: BRANCH,
    expected: "the name of a branch or tag",
    description: "the branch or tag that was measured",
  }),
  sha: requiredText({
    placeholder: "SHA",
    pattern: /^[0-9a-f]{40}$/,
    expected: "40 lower-case hexadecimal digits",
    description: "the commit of head",
  }),
  tier: requiredText({
    placeholder: "tierN",
    pattern: /^tier\d+$/,
    expected: "a tier such as tier200",
    description: "the tier that was measured on",
  }),
  "run-count": requiredInteger({
    min: 1,
    max: 1_000_000,
    unit: "runs",
    description: "runs of the headline pair in head",
  }),
  "dataset-version": requiredText({
    placeholder: "X.Y.Z",
    pattern: /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/,
    expected: "a version such as 1.2.3 or 1.2.3-rc.1",
    description: "the version of the dataset",
  }),
  runner: requiredText({
    pattern: /^[A-Za-z0-9][\w .:+()-]*$/,
    expected: "letters, digits and . : + - ( ), for example ubuntu-24.04",
    description: "the runner's image, for example ubuntu-24.04",
  }),
  "node-version": requiredText({
    placeholder: "VERSION",
    pattern: /^v?\d+(\.\d+){0,2}$/,
    expected: "a version such as 22 or 22.11.0",
    description: "Node's version",
  }),
  "headline-profile": requiredText({ placeholder: "ID", description: "the profile that the site shows first" }),
  "headline-scenario": requiredText({ placeholder: "NAME", description: "the scenario that the site shows first" }),
  owner: textFlag({
    fallback: "ImageForge Maintainers (CLI + Growth)",
    description: "the people responsible for the figures",
  }),
  "as-of-date": optionalText({
    placeholder: "DATE",
    pattern: /^[A-Z][a-z]+ \d{1,2}, \d{4}$/,
    expected: "a day such as February 15, 2026; default: today in UTC",
    description: "the day in words; default: today in UTC",
  }),
  "default-branch": textFlag({
    pattern: BRANCH,
    expected: "the name of a branch",
    fallback: "main",
    description: "the repository's default branch",
  }),
  publish: switchFlag({ description: "for a workflow_dispatch: the run was started to publish" }),
  "accepted-by": optionalText({
    placeholder: "NAME",
    ...oneLineText,
    description: "the person who accepted an outcome that is not green; default: as in the comparison",
  }),
  "acceptance-reason": optionalText({ ...oneLineText, description: "why it was accepted; with --accepted-by" }),
  "allow-non-canonical": switchFlag({
    description: "also write a snapshot that must not become the latest; the reasons are recorded in it",
  }),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "pnpm run bench:export-site-snapshot --",
  purpose: "Makes the snapshot that the website shows from the summaries of a run and their comparison.",
  flags,
  outputs: { SITE_BENCHMARK_SNAPSHOT: "the snapshot" },
  notes: [
    "Exit 65 if the comparison is not of these summaries, a flag contradicts the summary, or the snapshot must not be shown\nas the newest figures and --allow-non-canonical is not given. Every reason is named.",
    "Red and invalid nights are exported too, with --allow-non-canonical: figures that cannot be trusted are null.",
  ],
  examples: ["see docs/runbook.md, Export Site Snapshot (local)"],
};

type Flags = FlagValues<typeof flags>;

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, (values) => exportSnapshot(values, io));
}

async function exportSnapshot(values: Flags, io: ScriptIo): Promise<number> {
  const { headSummary, baseSummary, compare, out, owner, asOfDate, allowNonCanonical } = values;
  refuseSharedPaths({ "head-summary": headSummary, "base-summary": baseSummary, compare }, { out });
  checkRunUrl(values);
  checkDay(asOfDate);
  const headline = { profileId: values.headlineProfile, scenario: values.headlineScenario };
  const files = { headSummary, baseSummary, compare, out };
  const facts = { owner, asOfDate, allowNonCanonical, headline };
  await snapshotStep({ ...files, ...facts, source: sourceOf(values), acceptance: acceptanceOf(values) }, io);
  await printOutputs(io, { SITE_BENCHMARK_SNAPSHOT: out });
  return EXIT.ok;
}

function acceptanceOf({ acceptedBy: by, acceptanceReason: reason }: Flags): SiteSnapshot["acceptance"] {
  if (by === undefined && reason === undefined) return undefined;
  if (by !== undefined && reason !== undefined) return { by, reason };
  throw new UsageError("--accepted-by and --acceptance-reason go together: who accepted, and why");
}

function sourceOf(values: Flags): SiteSnapshot["source"] {
  const { repository, workflowName, workflowPath, runId, runAttempt, runUrl, eventName, refName, sha } = values;
  const { tier, runCount, datasetVersion, runner, nodeVersion, defaultBranch, publish } = values;
  const run = { repository, workflowName, workflowPath, runId, runAttempt, runUrl, eventName, refName, sha };
  const set = { tier, runCount, datasetVersion, runner, nodeVersion, defaultBranch };
  return { ...run, ...set, ...(publish ? { publish } : {}) };
}

/** The form of a day in words is not enough: there is no February 31. */
function checkDay(day: string | undefined): void {
  if (day === undefined) return;
  const time = Date.parse(`${day} UTC`);
  if (!Number.isNaN(time) && new Date(time).getUTCDate() === Number(/ (\d+),/.exec(day)?.[1])) return;
  throw new UsageError(`--as-of-date: ${JSON.stringify(day)} is no day`, [
    { label: "expected", text: "a day such as February 15, 2026" },
  ]);
}

/** The address of a GitHub workflow run must be that of this run; runs of other systems have other forms. */
function checkRunUrl({ runUrl, runId, repository }: Flags): void {
  const url = URL.canParse(runUrl) ? new URL(runUrl) : undefined;
  if (url === undefined || url.username !== "" || url.password !== "") {
    throw wrongRunUrl(runUrl, "is not an address that can be published", "an https address without credentials");
  }
  const [, ofRepository, ofRun] = /^\/([^/]+\/[^/]+)\/actions\/runs\/([^/]+)/.exec(url.pathname) ?? [];
  if (ofRun === undefined || (ofRun === String(runId) && ofRepository === repository)) return;
  const expected = `…/${repository}/actions/runs/${runId}, or the --repository and --run-id of that page`;
  throw wrongRunUrl(runUrl, "is the page of another run", expected);
}

function wrongRunUrl(runUrl: string, problem: string, expected: string): UsageError {
  return new UsageError(`--run-url: ${JSON.stringify(runUrl)} ${problem}`, [{ label: "expected", text: expected }]);
}

await launch(import.meta.url, main);
