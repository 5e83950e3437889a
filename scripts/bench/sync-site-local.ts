/**
 * Purpose: syncs a snapshot to a website of this machine, with a real git repository and a stand-in for GitHub, and shows
 *   the pull request and the page that would come of it.
 * Reads: a snapshot; the website's repository of earlier runs.
 * Writes: OUT_DIR/website.git, latest.json, history.json, pull-request.html and preview.html.
 * Network: loopback only.
 * Secrets: none; the token is made for this run and is not valid elsewhere.
 * Rerun: safe; the website keeps the snapshots of earlier runs.
 * Example: npm run bench:sync-site:local -- --help
 */
import {
  EXIT,
  integerFlag,
  launch,
  pathFlag,
  printOutputs,
  requiredPath,
  runScript,
  type ScriptIo,
  type ScriptSpec,
} from "@forgebench/io";
import { LOCAL_SITE_BRANCH, localSiteStep } from "@forgebench/steps";

const flags = {
  snapshot: requiredPath({ placeholder: "FILE", description: "the snapshot to sync" }),
  "out-dir": pathFlag({ placeholder: "DIR", fallback: ".tmp/bench/site-local", description: "where the website goes" }),
  retention: integerFlag({
    min: 1,
    max: 10_000,
    unit: "snapshots",
    fallback: 20,
    description: "how many the history keeps",
  }),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "npm run bench:sync-site:local --",
  purpose:
    "Syncs a snapshot to a website of this machine, and shows the pull request and the page that would come of it.",
  flags,
  outputs: {
    SITE_REPOSITORY: "the website's bare git repository",
    SITE_BRANCH: "the branch of the pull request in it",
    SITE_SYNC: "created, updated or unchanged",
    PULL_REQUEST_HTML: "the pull request as a page",
    PREVIEW_HTML: "the page of the website with its data",
  },
  notes: [
    "The same scripts run as for GitHub: bench:sync-site and bench:preview-site. To accept the pull request here:\ngit -C OUT_DIR/website.git branch -f main codex/benchmark-sync-nightly",
  ],
  examples: ["npm run bench:sync-site:local -- --snapshot .tmp/bench/quickstart/7-site/site-benchmark-snapshot.json"],
};

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, async (values) => {
    const { bareFolder, outcome, pullRequestHtml, previewHtml } = await localSiteStep(values, io);
    await printOutputs(io, {
      SITE_REPOSITORY: bareFolder,
      SITE_BRANCH: LOCAL_SITE_BRANCH,
      SITE_SYNC: outcome,
      ...(pullRequestHtml === undefined ? {} : { PULL_REQUEST_HTML: pullRequestHtml }),
      PREVIEW_HTML: previewHtml,
    });
    return EXIT.ok;
  });
}

await launch(import.meta.url, main);
