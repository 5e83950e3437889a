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
}

export interface StandInRepository {
  readonly private?: boolean;
  readonly defaultBranch?: string;
  /** A bare git repository that is served below the git address; refs of the API are read from it. Made when absent. */
  readonly bareFolder?: string;
}

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
  readonly times?: number;
  readonly how:
    | {
        readonly kind: "status";
        readonly status: number;
        readonly message?: string;
        readonly headers?: Readonly<Record<string, string>>;
      }
    | { readonly kind: "rate-limit"; readonly resetSeconds: number }
    | { readonly kind: "secondary-limit"; readonly retryAfterSeconds: number }
    /** The connection is cut before an answer, after the work was done (`afterWork`) or not. */
    | { readonly kind: "reset"; readonly afterWork?: boolean }
    /** The answer ends after so many bytes although it promised more. */
    | { readonly kind: "truncate"; readonly afterBytes: number }
    /** So many bytes a second. */
    | { readonly kind: "slow"; readonly bytesPerSecond: number }
    | { readonly kind: "delay"; readonly delayMs: number };
}

export interface RecordedRequest {
  readonly method: string;
  readonly url: string;
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly status: number;
}

/** A GitHub of this machine, on loopback. */
export interface StandIn {
  /** For `--api-url`. */
  readonly apiUrl: string;
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

export async function startStandIn(_options: StandInOptions): Promise<StandIn> {
  throw new Error("not there yet");
}
