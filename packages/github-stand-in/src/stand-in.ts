import { mkdir, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { apiHandler } from "./api.ts";
import { assetRoutes } from "./assets.ts";
import { contentRoutes } from "./contents.ts";
import { control, type StandInControl } from "./control.ts";
import { Faults } from "./faults.ts";
import { gitBackend } from "./git-backend.ts";
import { issueRoutes } from "./issues.ts";
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
  };
  /** Answers 401 as for an expired token. */
  readonly expired?: boolean;
  /** `OWNER/NAME` of the repositories that the token is for; all of them when absent. */
  readonly repositories?: readonly string[];
}

/** A repository as a stand-in is to begin with it; all that is left out is as GitHub makes a new public one. */
export interface StandInRepository {
  readonly private?: boolean;
  /** A bare git repository that is served below the git address; refs of the API are read from it. Made when absent. */
  readonly bareFolder?: string;
  /** Made as a copy of this other repository of the stand-in, `OWNER/NAME`. */
  readonly forkOf?: string;
  /** Earlier names, `OWNER/NAME`, which redirect to this one. */
  readonly renamedFrom?: readonly string[];
}

/** What is there when a stand-in starts: accounts by their token, repositories by `OWNER/NAME`. */
export interface StandInOptions {
  readonly accounts: Readonly<Record<string, StandInAccount>>;
  readonly repositories: Readonly<Record<string, StandInRepository>>;
  /** Where asset bytes and bare repositories are kept; a temporary folder, removed at the end, when absent. */
  readonly folder?: string;
  /** Asked of every request before it is answered. */
  readonly now?: () => Date;
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
  ...releaseRoutes,
  ...assetRoutes,
  ...refRoutes,
  // Before those of contents: `/commits/{ref*}` would take in what pulls say of a commit.
  ...pullRoutes,
  ...contentRoutes,
  ...issueRoutes,
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
  const git = await gitBackend(world, (repository, by) => repository.turn.take(() => syncPulls(world, repository, by)));
  const servers = await Promise.all([
    listen(apiHandler({ world, routes: ROUTES }), watch),
    listen(apiHandler({ world, routes: uploadRoutes }), watch),
    listen(storageHandler(world), watch),
    listen(webHandler(world, git.handle), watch),
  ]);
  const [api, uploads, storage, web] = servers;
  Object.assign(world.at, { api: api.origin, uploads: uploads.origin, storage: storage.origin, web: web.origin });
  return {
    apiUrl: api.origin,
    storageUrl: storage.origin,
    gitUrl: web.origin,
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
