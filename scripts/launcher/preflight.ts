// Answers wrong flags and --help of `npm run bench` before any package is installed. Its launcher runs a bundle of
// this file, preflight.generated.mjs, since nothing could compile it then.
import { answerFlags } from "@forgebench/io";
import { spec } from "./quickstart-flags.ts";

/** @returns the exit code, or undefined when the flags are right */
export function answerQuickstartFlags(argv: readonly string[]): Promise<number | undefined> {
  return answerFlags(spec, argv);
}
