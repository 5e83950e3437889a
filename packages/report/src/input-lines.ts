import type { Comparison } from "@forgebench/artifacts";
import { markdownMarkup as markup } from "./markup.ts";

/** When, and of which files, a comparison was made. */
export function inputLines({ inputs = [], generatedAt }: Comparison): string[] {
  const named = inputs.map(
    ({ role, path, sha256 }) => `${role ?? "input"} ${markup.name(path)} (sha256 ${markup.name(sha256.slice(0, 12))})`,
  );
  return [`${[`Compared at ${markup.prose(generatedAt)}`, ...named].join("; ")}.`];
}
