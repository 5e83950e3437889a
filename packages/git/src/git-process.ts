import { OperationError, printableLine } from "@forgebench/errors";
import { type Credential, redacted } from "@forgebench/io";
import { serveCredential } from "./credential-server.ts";

/**
 * Where git runs and what it is given; everything else of the caller's environment and configuration is kept from it.
 */
export interface GitOptions {
  readonly cwd: string;
  /** The environment that git gets the harmless part of. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Further variables for this child alone. */
  readonly extraEnv?: Readonly<Record<string, string>>;
  readonly input?: Uint8Array;
  readonly signal?: AbortSignal;
  /** Given to git when its origin asks for a password, and to nothing else. */
  readonly credential?: Credential | undefined;
}

/**
 * How git ended. `stderr` is text of a remote: it holds no token, but must go through `printable` before it is shown.
 */
export interface GitResult {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

const TIMEOUT_MS = 300_000;
const MAX_OUTPUT_BYTES = 256 << 20;

/** No hooks, no links, no other host than the one that was asked. */
const CONFIG = [
  "core.hooksPath=/dev/null",
  "core.symlinks=false",
  "core.fsmonitor=false",
  "http.followRedirects=false",
  // A server that says nothing for a minute has failed.
  "http.lowSpeedLimit=1",
  "http.lowSpeedTime=60",
  "gc.auto=0",
  "maintenance.auto=false",
];

const PASSED_ON = [
  ...["PATH", "HOME", "TMPDIR", "SSH_AUTH_SOCK", "SSL_CERT_FILE", "SSL_CERT_DIR"],
  ...["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"],
];

/** The whole environment of a git child: nothing of the user's or the system's configuration. */
export function gitEnvironment({ env, extraEnv }: Pick<GitOptions, "env" | "extraEnv">) {
  const passedOn = PASSED_ON.flatMap((name) => {
    const value = env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(passedOn),
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_SSH_COMMAND: "ssh -oBatchMode=yes",
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_OPTIONAL_LOCKS: "0",
    // http is there for servers of this machine: where addresses are read, no other is let through.
    GIT_ALLOW_PROTOCOL: "file:https:http:ssh",
    ...extraEnv,
  };
}

/**
 * Runs git and resolves to what it answered, whatever its exit code.
 * @throws {OperationError} when it cannot be started or does not end (exit 69); the signal's reason when aborted.
 */
export async function runGit(args: readonly string[], options: GitOptions): Promise<GitResult> {
  options.signal?.throwIfAborted();
  if (options.credential === undefined) return runWith(["credential.helper="], args, options);
  const server = await serveCredential(options.credential);
  try {
    return await runWith(server.settings, args, options);
  } finally {
    await server.close();
  }
}

async function runWith(
  credentialSettings: readonly string[],
  args: readonly string[],
  options: GitOptions,
): Promise<GitResult> {
  const config = [...CONFIG, ...credentialSettings].flatMap((setting) => ["-c", setting]);
  // Loaded here: many scripts may call git, few do.
  const { execa } = await import("execa");
  const result = await execa("git", [...config, ...args], {
    cwd: options.cwd,
    env: gitEnvironment(options),
    extendEnv: false,
    encoding: "buffer",
    reject: false,
    stripFinalNewline: false,
    timeout: TIMEOUT_MS,
    maxBuffer: MAX_OUTPUT_BYTES,
    ...(options.input === undefined ? { stdin: "ignore" as const } : { input: options.input }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
  });
  options.signal?.throwIfAborted();
  const clean = (text: string) => redacted(text, options.credential);
  const stderr = clean(Buffer.from(result.stderr ?? []).toString("utf8"));
  if (result.exitCode === undefined) {
    const reason = result.timedOut
      ? `it had not ended after ${TIMEOUT_MS / 1000} s`
      : (result.shortMessage ?? "no reason given");
    throw new OperationError("service", `Cannot run git ${args[0]}: ${clean(reason)}`, {
      details: [{ label: "try", text: "check that git is installed and in PATH, and run again" }],
    });
  }
  return { exitCode: result.exitCode, stdout: Buffer.from(result.stdout ?? []), stderr };
}

/** The output of a git command that must succeed, as text. @throws {OperationError} with what git said. */
export async function gitText(
  args: readonly string[],
  options: GitOptions,
  failure: { readonly kind: "service" | "data" | "output"; readonly action: string },
): Promise<string> {
  const { exitCode, stdout, stderr } = await runGit(args, options);
  if (exitCode === 0) return stdout.toString("utf8");
  throw gitError(failure, stderr, exitCode);
}

/** An error that says what was attempted and what git answered. */
export function gitError(
  { kind, action }: { readonly kind: "service" | "data" | "output"; readonly action: string },
  stderr: string,
  exitCode: number,
): OperationError {
  const said = printableLine(stderr, 400);
  return new OperationError(kind, `${action}: git ended with ${exitCode}${said === "" ? "" : `: ${said}`}`);
}
