/**
 * Purpose: makes sure that a version of the dataset has not been released, before anything is built for it.
 * Reads: nothing.
 * Writes: nothing.
 * Network: the API of GitHub, or of --api-url.
 * Secrets: if given, the variable that --token-env names (contents: read, and write to see drafts); renewed where it was made.
 * Rerun: safe; it only looks.
 * Example: see docs/runbook.md
 */
import { OperationError } from "@forgebench/errors";
import {
  apiUrlFlag,
  datasetTag,
  findRepository,
  gitHubClient,
  markerOf,
  type ReleaseState,
  readReleaseState,
  repoFlag,
} from "@forgebench/github";
import {
  credentialIn,
  datasetVersionFlag,
  EXIT,
  type FlagValues,
  launch,
  printOutputs,
  runScript,
  type ScriptIo,
  type ScriptSpec,
  tokenEnvFlag,
} from "@forgebench/io";

const DEFAULT_TOKEN_ENV = "GITHUB_TOKEN";

const flags = {
  repo: repoFlag("the repository that has the releases"),
  "dataset-version": datasetVersionFlag("version of the dataset"),
  "token-env": tokenEnvFlag(`the variable with the token; default ${DEFAULT_TOKEN_ENV}, if it is set`),
  "api-url": apiUrlFlag(),
};

export const spec: ScriptSpec<typeof flags> = {
  command: "pnpm run bench:dataset:assert-tag --",
  purpose: "Makes sure that a version of the dataset has not been released, before anything is built for it.",
  flags,
  outputs: { DATASET_TAG_ABSENT: "1" },
  notes: [
    "Exit 73 if the tag bench-dataset-vX.Y.Z, a published release, or a draft that somebody else made exists. A draft of a\nstopped bench:dataset:release is no obstacle: the next one continues it.",
  ],
  examples: ["pnpm run bench:dataset:assert-tag -- --repo octo-org/images --dataset-version 1.0.0"],
};

type Flags = FlagValues<typeof flags>;

export async function main(argv: readonly string[], io: ScriptIo): Promise<number> {
  return runScript(spec, argv, io, (values) => assertAbsent(values, io));
}

async function assertAbsent({ repo, datasetVersion, tokenEnv, apiUrl }: Flags, io: ScriptIo): Promise<number> {
  const isOptional = tokenEnv === undefined;
  const credential = credentialIn(io.env, tokenEnv ?? DEFAULT_TOKEN_ENV, apiUrl, { isOptional });
  const say = (message: string) => io.stderr.write(`note: ${message}\n`);
  const github = gitHubClient({ apiUrl, credential, signal: io.signal, onWait: say });
  const { canPush } = await findRepository(github, repo);
  const tag = datasetTag(datasetVersion);
  const state = await readReleaseState(github, repo, tag);
  refusePresent(state, tag, repo);
  for (const { release } of state.drafts) say(`a release that was stopped left a draft: ${release.htmlUrl}`);
  if (credential === undefined) say("without a token drafts cannot be seen");
  else if (canPush !== true) say("only a token with write access can see drafts; this one has none");
  io.stderr.write(`"${tag}" is not in ${repo}\n`);
  await printOutputs(io, { DATASET_TAG_ABSENT: 1 });
  return EXIT.ok;
}

const ANOTHER_VERSION = { label: "try", text: "another --dataset-version: a version that exists is never changed" };

/** @throws {OperationError} exit 73 with the existing release or tag, and its address. */
function refusePresent({ tag, published, drafts }: ReleaseState, name: string, repo: string): void {
  const at = tag === undefined ? [] : [{ label: "commit", text: tag.commit }];
  if (published !== undefined) {
    throw new OperationError("output", `"${name}" is released in "${repo}" already`, {
      details: [{ label: "release", text: published.release.htmlUrl }, ...at, ANOTHER_VERSION],
    });
  }
  if (tag !== undefined) {
    throw new OperationError("output", `The tag "${name}" is in "${repo}" already, without a release`, {
      details: [...at, ANOTHER_VERSION],
    });
  }
  const foreign = drafts.find(({ release }) => markerOf(release) === undefined);
  if (foreign === undefined) return;
  throw new OperationError("output", `A draft for "${name}" is in "${repo}" that this program did not make`, {
    details: [
      { label: "draft", text: foreign.release.htmlUrl },
      { label: "try", text: "publish or delete it by hand, or give another --dataset-version" },
    ],
  });
}

await launch(import.meta.url, main);
