import type { StandIn } from "@forgebench/github-stand-in";
import { execa } from "execa";
import type { Json } from "../evaluate.ts";
import type { RunEvent } from "../stage.ts";
import { HOSTILE_BRANCH, openPullRequest } from "./look.ts";
import { FORK, REPOSITORY, RUN_ID } from "./make-stage.ts";
import type { RehearsalRepository } from "./repository.ts";
import type { Act } from "./scenarios.ts";

const PAYLOAD = { repository: { full_name: REPOSITORY, default_branch: "main" } };

/** What starts an act; `before` is the event of the act before it. */
export async function eventOf(
  act: Act,
  repository: RehearsalRepository,
  standIn: StandIn,
  before: RunEvent | undefined,
): Promise<RunEvent> {
  if (act.isRerun && before !== undefined) return { ...before, runAttempt: before.runAttempt + 1 };
  const event: RunEvent = {
    name: act.event,
    payload: PAYLOAD,
    inputs: act.inputs ?? {},
    repository: REPOSITORY,
    sha: act.isMended ? repository.mendedSha : repository.headSha,
    ref: `refs/heads/${act.branch ?? "main"}`,
    actor: "ann",
    runAttempt: 1,
    runId: before === undefined ? RUN_ID : String(Number(before.runId) + 1),
  };
  // A schedule does not tell of the repository.
  if (act.event === "schedule") return { ...event, payload: { schedule: act.schedule ?? "" } };
  if (act.event === "workflow_run" && before !== undefined) return followingEvent(event, before, repository);
  return act.event === "pull_request" ? pullRequestEvent(event, repository, standIn) : event;
}

async function pullRequestEvent(event: RunEvent, repository: RehearsalRepository, standIn: StandIn): Promise<RunEvent> {
  await moveHeadToFork(repository, standIn);
  const number = await openPullRequest(standIn.apiUrl, HOSTILE_BRANCH);
  const head = { sha: repository.headSha, ref: HOSTILE_BRANCH, repo: { full_name: FORK } };
  const pull: Json = { number, head, base: { sha: repository.baseSha } };
  return { ...event, ref: `refs/pull/${number}/merge`, payload: { ...PAYLOAD, number, pull_request: pull } };
}

/** The newest commit is that of a pull request: it is on a branch of the fork, and `main` does not have it. */
async function moveHeadToFork({ bareFolder, baseSha, headSha }: RehearsalRepository, standIn: StandIn): Promise<void> {
  const fork = standIn.bareFolder(FORK);
  await execa("git", ["push", "-q", fork, `${headSha}:refs/heads/${HOSTILE_BRANCH}`], { cwd: bareFolder });
  for (const folder of [bareFolder, fork])
    await execa("git", ["update-ref", "refs/heads/main", baseSha], { cwd: folder });
}

/** As of a fork: the list of pull requests, which GitHub leaves empty then, is not there. */
function followingEvent(event: RunEvent, before: RunEvent, { baseSha, headSha }: RehearsalRepository): RunEvent {
  const run = {
    id: Number(before.runId),
    event: "pull_request",
    conclusion: "success",
    head_sha: headSha,
    head_branch: HOSTILE_BRANCH,
    head_repository: { full_name: FORK },
  };
  return { ...event, sha: baseSha, payload: { ...PAYLOAD, workflow_run: run } };
}
