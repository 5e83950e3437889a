import { type ErrorDetail, UsageError } from "@forgebench/errors";
import type { FlagTable } from "./flags.ts";

/**
 * `npm run ENTRY --count 5`: without `--` before them, npm takes the flags for its own and passes on `npm_config_count` and
 * a bare `5`. A script that went on would run with its defaults and say nothing.
 * @param command as a person types it, for example `npm run bench --`
 * @throws {UsageError} with the command as it should be
 */
export function refuseForgottenDashes(
  table: FlagTable,
  command: string,
  { argv, env }: { readonly argv: readonly string[]; readonly env: Readonly<Record<string, string | undefined>> },
): void {
  const entry = /\brun (?:-\S+ )*(\S+)/.exec(command)?.[1];
  if (entry === undefined || env.npm_lifecycle_event !== entry) return;
  const taken = Object.keys(table).filter((name) => env[configName(name)] !== undefined && !isNpmsOwn(name));
  if (taken.length === 0) return;
  const bare = argv.filter((arg) => !arg.startsWith("-"));
  const flags = taken.map((name) => {
    const value = env[configName(name)];
    const { placeholder = "" } = table[name] ?? {};
    if (placeholder === "") return `--${name}`;
    // The value beside the flag came as an argument of its own.
    return `--${name} ${value !== "true" ? value : taken.length === 1 && bare.length === 1 ? bare[0] : placeholder}`;
  });
  const details: ErrorDetail[] = [{ label: "write", text: `npm run ${entry} -- ${flags.join(" ")}` }];
  throw new UsageError(`npm used --${taken.join(" and --")} itself: a "--" is missing before the flags`, details);
}

function configName(flag: string): string {
  return `npm_config_${flag.replaceAll("-", "_")}`;
}

/** Flags of npm itself say nothing about this command. */
function isNpmsOwn(flag: string): boolean {
  return flag === "workspace" || flag === "tag" || flag === "dry-run";
}
