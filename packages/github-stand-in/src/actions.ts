import { type Answer, notFound, ok, Refusal, redirect } from "./answers.ts";
import type { Call, Route } from "./api.ts";
import type { Needs } from "./auth.ts";
import { page } from "./pages.ts";
import type { StandInArtifact, StandInWorkflowRun } from "./stand-in.ts";
import { signedUrl } from "./storage.ts";
import { apiUrlOf, isoSeconds, nodeId, webUrlOf } from "./world.ts";

const READ: Needs = { actions: "read" };

/** Runs of workflows and their artifacts, for reading (docs.github.com/rest/actions). */
export const actionRoutes: readonly Route[] = [
  { method: "GET", path: "/actions/runs", needs: READ, handle: listRuns },
  { method: "GET", path: "/actions/runs/{run}", needs: READ, handle: (call) => ok(showRun(call, runOf(call))) },
  { method: "GET", path: "/actions/runs/{run}/artifacts", needs: READ, handle: listArtifacts },
  { method: "GET", path: "/actions/artifacts/{artifact}", needs: READ, handle: getArtifact },
  { method: "GET", path: "/actions/artifacts/{artifact}/zip", needs: READ, handle: downloadArtifact },
];

/** `status` is compared with the conclusion too. */
function listRuns(call: Call): Answer {
  const query = (name: string) => call.url.searchParams.get(name);
  const is = (name: string, ...values: (string | null | undefined)[]) =>
    query(name) === null || values.includes(query(name));
  const found = call.repository.runs
    .filter(
      (run) =>
        is("event", run.event) &&
        is("branch", run.branch) &&
        is("status", run.status, run.conclusion) &&
        is("head_sha", run.headSha),
    )
    .toSorted((a, b) => b.id - a.id);
  return page(
    call.url,
    found,
    (run) => showRun(call, run),
    (entries) => ({ total_count: found.length, workflow_runs: entries }),
  );
}

function runOf(call: Call): StandInWorkflowRun {
  const found = call.repository.runs.find(({ id }) => `${id}` === call.part("run"));
  if (found === undefined) throw notFound();
  return found;
}

function listArtifacts(call: Call): Answer {
  const run = runOf(call);
  const name = call.url.searchParams.get("name");
  const found = (run.artifacts ?? []).filter((one) => name === null || one.name === name);
  return page(
    call.url,
    found,
    (one) => showArtifact(call, run, one),
    (entries) => ({ total_count: found.length, artifacts: entries }),
  );
}

function artifactOf(call: Call) {
  for (const run of call.repository.runs) {
    const artifact = run.artifacts?.find(({ id }) => `${id}` === call.part("artifact"));
    if (artifact !== undefined) return { run, artifact };
  }
  throw notFound();
}

function getArtifact(call: Call): Answer {
  const { run, artifact } = artifactOf(call);
  return ok(showArtifact(call, run, artifact));
}

/** Even for public repositories nobody downloads without a token. */
function downloadArtifact(call: Call): Answer {
  const { artifact } = artifactOf(call);
  if (call.caller === undefined) throw new Refusal(401, "Requires authentication");
  if (artifact.isExpired === true) throw new Refusal(410, "Artifact has expired");
  return redirect(302, signedUrl(call.world, `artifacts/${artifact.id}`));
}

function showRun({ world, repository }: Call, run: StandInWorkflowRun) {
  const url = `${apiUrlOf(world, repository)}/actions/runs/${run.id}`;
  const at = isoSeconds(run.createdAt ?? new Date(0));
  const [owner = "", name = ""] = (run.headRepository ?? repository.fullName).split("/");
  return {
    ...{ id: run.id, node_id: nodeId("WFR", run.id), name: run.name ?? "CI", event: run.event, status: run.status },
    ...{
      conclusion: run.conclusion ?? null,
      head_branch: run.branch,
      head_sha: run.headSha,
      run_number: run.id,
      run_attempt: 1,
    },
    ...{ url, html_url: `${webUrlOf(world, repository)}/actions/runs/${run.id}`, artifacts_url: `${url}/artifacts` },
    ...{ created_at: at, updated_at: at, run_started_at: at, pull_requests: [] },
    head_repository: { name, full_name: `${owner}/${name}`, owner: { login: owner } },
    repository: { id: repository.id, name: repository.name, full_name: repository.fullName },
  };
}

function showArtifact({ world, repository }: Call, run: StandInWorkflowRun, artifact: StandInArtifact) {
  const url = `${apiUrlOf(world, repository)}/actions/artifacts/${artifact.id}`;
  return {
    ...{ id: artifact.id, node_id: nodeId("ART", artifact.id), name: artifact.name, size_in_bytes: artifact.sizeBytes },
    ...{ url, archive_download_url: `${url}/zip`, expired: artifact.isExpired === true },
    workflow_run: { id: run.id, head_branch: run.branch, head_sha: run.headSha },
  };
}
