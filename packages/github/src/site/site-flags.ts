import { textFlag } from "@forgebench/io";

/** What git allows as the name of a branch, and no name that a command could take for a flag. */
const BRANCH =
  /^(?![-/])(?!@$)(?!(?:.*\/)?\.)(?!.*(?:\.\.|@\{|\/\/|\.lock(?:\/|$)))[^\s~^:?*[\\\p{C}]{1,200}(?<![/.])$/u;

/** A flag with the name of a branch. */
export function branchFlag(fallback: string, description: string) {
  const expected = 'the name of a branch, without "refs/heads/"';
  return textFlag({ pattern: BRANCH, expected, placeholder: "BRANCH", fallback, description });
}
