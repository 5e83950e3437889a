import type { Contexts, Json } from "./evaluate.ts";

/** The event that starts a run, and the facts that GitHub tells every job about it. */
export interface RunEvent {
  readonly name: string;
  readonly payload: Readonly<Record<string, Json>>;
  readonly inputs: Readonly<Record<string, Json>>;
  readonly repository: string;
  readonly sha: string;
  /** Such as `refs/heads/main`. */
  readonly ref: string;
  readonly actor: string;
  readonly runId: string;
  readonly runAttempt: number;
}

/** Where a run is rehearsed: the stand-in's addresses, a folder, and what the repository's settings hold. */
export interface Stage {
  readonly folder: string;
  readonly apiUrl: string;
  /** Repositories are cloned and pushed below it. */
  readonly gitUrl: string;
  /** The address that pages have, in contexts alone. */
  readonly pagesUrl: string;
  readonly vars: Readonly<Record<string, string>>;
  /** By name; those of an environment only for jobs that name it. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly environmentSecrets: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** The token of a job, which may do what its permissions say. */
  readonly tokenOf: (jobId: string) => string;
  /** Artifacts of other runs, by run id: folders that hold one folder for each artifact. */
  readonly artifactsOfRuns: Readonly<Record<string, string>>;
  /** The environment that a runner's programs start from. */
  readonly env: Readonly<Record<string, string>>;
  readonly stepTimeoutMs: number;
  readonly signal?: AbortSignal;
  readonly onProgress: (line: string) => void;
}

/** The contexts that hold for a whole run. */
export function runContexts(event: RunEvent, stage: Stage, workflow: { name: string; file: string }): Contexts {
  return {
    github: {
      event: event.payload,
      event_name: event.name,
      actor: event.actor,
      triggering_actor: event.actor,
      repository: event.repository,
      repository_owner: event.repository.split("/")[0] ?? "",
      sha: event.sha,
      ref: event.ref,
      ref_name: refName(event.ref),
      ref_type: refType(event.ref),
      run_id: event.runId,
      run_attempt: String(event.runAttempt),
      run_number: "1",
      workflow: workflow.name,
      workflow_ref: `${event.repository}/${workflow.file}@${event.ref}`,
      server_url: stage.pagesUrl,
      api_url: stage.apiUrl,
      action: "",
      head_ref: "",
      base_ref: "",
    },
    vars: stage.vars,
    inputs: event.inputs,
    runner: { os: "Linux", arch: "X64", name: "rehearsal", environment: "github-hosted" },
  };
}

function refName(ref: string): string {
  return ref.replace(/^refs\/(heads|tags|pull)\//, "");
}

function refType(ref: string): string {
  return ref.startsWith("refs/tags/") ? "tag" : "branch";
}

/** What GitHub puts into the environment of every step; the addresses lead to the stand-in. */
export function runnerVariables(event: RunEvent, stage: Stage, workflow: string): Record<string, string> {
  return {
    CI: "true",
    GITHUB_ACTIONS: "true",
    GITHUB_WORKFLOW: workflow,
    GITHUB_EVENT_NAME: event.name,
    GITHUB_REPOSITORY: event.repository,
    GITHUB_REPOSITORY_OWNER: event.repository.split("/")[0] ?? "",
    GITHUB_SHA: event.sha,
    GITHUB_REF: event.ref,
    GITHUB_REF_NAME: refName(event.ref),
    GITHUB_RUN_ID: event.runId,
    GITHUB_RUN_ATTEMPT: String(event.runAttempt),
    GITHUB_ACTOR: event.actor,
    GITHUB_SERVER_URL: stage.gitUrl,
    GITHUB_API_URL: stage.apiUrl,
    RUNNER_OS: "Linux",
  };
}
