import { mkdir, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { actionRoutes } from "./actions.ts";
import { apiHandler } from "./api.ts";
import { assetRoutes } from "./assets.ts";
import { contentRoutes } from "./contents.ts";
import { control, type StandInControl } from "./control.ts";
import { Faults } from "./faults.ts";
import { gitBackend } from "./git-backend.ts";
import { globalRoutes } from "./global-routes.ts";
import { issueRoutes } from "./issues.ts";
import { labelRoutes } from "./labels.ts";
import { Limits } from "./limits.ts";
import { makeWorld } from "./make-world.ts";
import { syncPulls } from "./pull-sync.ts";
import { pullRoutes } from "./pulls.ts";
import { refRoutes } from "./refs.ts";
import { releaseRoutes } from "./releases.ts";
import { listen } from "./server.ts";
import { storageHandler } from "./storage.ts";
import { uploadRoutes } from "./uploads.ts";
import { webHandler } from "./web.ts";
import { type Repository, repositoryNamed, type World } from "./world.ts";

type Level = "none" | "read" | "write";

/** Somebody whom a token stands for, with what the token may do, as of a fine-grained token. */
export interface StandInAccount {
  readonly login: string;
  readonly kind?: "User" | "Bot";
  readonly permissions: {
    readonly contents: Level;
    readonly pullRequests: Level;
    readonly issues: Level;
    readonly actions?: Level;
  };
  /** Answers 401 as for an expired token. */
  readonly expired?: boolean;
  /** `OWNER/NAME` of the repositories that the token is for; all of them when absent. */
  readonly repositories?: readonly string[];
}

/** A repository as a stand-in is to begin with it; all that is left out is as GitHub makes a new public one. */
export interface StandInRepository {
  readonly private?: boolean;
  readonly defaultBranch?: string;
  /** A bare git repository that is served below the git address; refs of the API are read from it. Made when absent. */
  readonly bareFolder?: string;
  /** Made as a copy of this other repository of the stand-in, `OWNER/NAME`. */
  readonly forkOf?: string;
  /** Earlier names, `OWNER/NAME`, which redirect to this one. */
  readonly renamedFrom?: readonly string[];
  /** A release may not change any more once it is published. */
  readonly immutableReleases?: boolean;
  readonly protectedBranches?: readonly string[];
  readonly workflowRuns?: readonly StandInWorkflowRun[];
}

/** A run of GitHub Actions, as a test wants it to have been. */
export interface StandInWorkflowRun {
  readonly id: number;
  readonly name?: string;
  readonly event: string;
  readonly branch: string;
  readonly headSha: string;
  readonly status: string;
  readonly conclusion?: string | null;
  /** `OWNER/NAME` that the head commit comes from, when it is a fork. */
  readonly headRepository?: string;
  readonly createdAt?: Date;
  readonly artifacts?: readonly StandInArtifact[];
}

/** A check of a commit. */
export interface StandInCheckRun {
  readonly id: number;
  readonly name: string;
  readonly headSha: string;
  readonly status: string;
  readonly conclusion?: string | null;
}

/**
 * What a run of GitHub Actions has kept; of an expired one GitHub still tells the name, and answers 410 to its
 * download.
 */
export interface StandInArtifact {
  readonly id: number;
  readonly name: string;
  readonly sizeBytes: number;
  readonly isExpired?: boolean;
  /** What its download sends. */
  readonly zipFile?: string;
}

/** What is there when a stand-in starts: accounts by their token, repositories by `OWNER/NAME`. */
export interface StandInOptions {
  readonly accounts: Readonly<Record<string, StandInAccount>>;
  readonly repositories: Readonly<Record<string, StandInRepository>>;
  /** Where asset bytes and bare repositories are kept; a temporary folder, removed at the end, when absent. */
  readonly folder?: string;
  /** Asked of every request before it is answered. */
  readonly now?: () => Date;
  /** Requests that each caller has in an hour; GitHub's 5000 and 60 when absent. */
  readonly hourLimits?: { readonly authenticated?: number; readonly anonymous?: number };
}

/** What goes wrong with requests that match, the given number of times. */
export interface Fault {
  readonly method?: string;
  /** Matched against `METHOD /path?query` of the API, of uploads, of stored assets and of git. */
  readonly match: RegExp;
  /** One when absent. */
  readonly times?: number;
  readonly how:
    | {
        readonly kind: "status";
        readonly status: number;
        readonly message?: string;
        readonly headers?: Readonly<Record<string, string>>;
        /** The work was done although the answer says otherwise, as behind a gateway. */
        readonly afterWork?: boolean;
        /** So many bytes of the request are taken in before: an upload leaves a starter asset. */
        readonly afterRequestBytes?: number;
      }
    | { readonly kind: "rate-limit"; readonly resetSeconds: number }
    | { readonly kind: "secondary-limit"; readonly retryAfterSeconds: number }
    /** The connection is cut before an answer, after the work was done (`afterWork`) or not. */
    | { readonly kind: "reset"; readonly afterWork?: boolean; readonly afterRequestBytes?: number }
    /** The answer ends after so many bytes although it promised more. */
    | { readonly kind: "truncate"; readonly afterBytes: number }
    /** So many bytes a second, of the request and of the answer. */
    | { readonly kind: "slow"; readonly bytesPerSecond: number }
    | { readonly kind: "delay"; readonly delayMs: number };
}

/** A request that was answered, for tests that ask what was sent; `headers` hold tokens as they came. */
export interface RecordedRequest {
  readonly method: string;
  readonly url: string;
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly status: number;
}

/** A GitHub of this machine, on loopback. */
export interface StandIn extends StandInControl {
  /** For `--api-url`. */
  readonly apiUrl: string;
  /** Where assets are uploaded to; stands in each release's `upload_url`. */
  readonly uploadsUrl: string;
  /** Where downloads of assets are redirected to. */
  readonly storageUrl: string;
  /** `GIT_URL/OWNER/NAME.git` is a repository; for `--git-url`. */
  readonly gitUrl: string;
  /** All requests so far, in order. */
  readonly requests: readonly RecordedRequest[];
  addFault(fault: Fault): void;
  clearFaults(): void;
  /** The bare repository of `OWNER/NAME`. */
  bareFolder(repository: string): string;
  stop(): Promise<void>;
}

const ROUTES = [
  ...[...releaseRoutes, ...assetRoutes, ...refRoutes, ...pullRoutes],
  // The longer path first: `/commits/{ref*}` would take in what pulls say of a commit.
  ...[...contentRoutes, ...issueRoutes, ...labelRoutes, ...actionRoutes],
];

/** Starts the four servers: API, uploads, storage, and git with downloads for browsers. */
export async function startStandIn(options: StandInOptions): Promise<StandIn> {
  const folder = options.folder ?? (await mkdtemp(path.join(os.tmpdir(), "stand-in-")));
  await mkdir(path.join(folder, "assets"), { recursive: true });
  const now = options.now ?? (() => new Date());
  const world = await makeWorld(options, folder, now);
  const faults = new Faults();
  const requests: RecordedRequest[] = [];
  const watch = { faults, now, requests };
  const limits = new Limits(options.hourLimits);
  const git = await gitBackend(world, (repository, by) => repository.turn.take(() => syncPulls(world, repository, by)));
  const servers = await Promise.all([
    listen(apiHandler({ world, limits, routes: ROUTES, globalRoutes: globalRoutes(world, limits) }), watch),
    listen(apiHandler({ world, limits, routes: uploadRoutes, globalRoutes: {} }), watch),
    listen(storageHandler(world), watch),
    listen(webHandler(world, git.handle), watch),
  ]);
  const [api, uploads, storage, web] = servers;
  Object.assign(world.at, { api: api.origin, uploads: uploads.origin, storage: storage.origin, web: web.origin });
  return {
    ...{ apiUrl: api.origin, uploadsUrl: uploads.origin, storageUrl: storage.origin, gitUrl: web.origin },
    requests,
    addFault: (fault) => faults.add(fault),
    clearFaults: () => faults.clear(),
    bareFolder: (name) => repositoryOf(world, name).bare.folder,
    ...control(world, (name) => repositoryOf(world, name)),
    async stop() {
      git.stop();
      await Promise.all(servers.map((server) => server.stop()));
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

function repositoryOf(world: World, fullName: string): Repository {
  const [owner = "", name = ""] = fullName.split("/");
  const found = repositoryNamed(world, owner, name);
  if (found === undefined) throw new Error(`The stand-in has no repository "${fullName}"`);
  return found;
}
