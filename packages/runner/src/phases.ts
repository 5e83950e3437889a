import path from "node:path";
import type { Suite } from "@forgebench/artifacts";
import type { ArtifactIssue } from "@forgebench/errors";
import { PHASES_OF_ALL } from "./cells.ts";

/** The preparation of a phase before each of its runs. */
interface PhaseRules {
  /** Whether each run finds a new folder; else the runs of an arm share one. */
  readonly isFresh: boolean;
  /** Whether the subject is run once, untimed, before the first run in a shared folder. */
  readonly isFilled: boolean;
  /** Paths below the folder of the run that are removed before each run. */
  readonly removes: readonly string[];
  /** The command before each run, which is not timed; may be empty. */
  readonly prepare: readonly string[];
}

/** The rules of a phase; `cold` and `warm` have fixed rules, to which the suite may add. */
export function phaseOf({ phases, cachePaths }: Pick<Suite, "phases" | "cachePaths">, name: string): PhaseRules {
  const { fill, removes = [], prepare = [] } = phases[name] ?? {};
  if (name === "cold") return { isFresh: true, isFilled: false, removes: [...cachePaths, ...removes], prepare };
  return { isFresh: false, isFilled: name === "warm" || (fill ?? true), removes, prepare };
}

/** The phases that a suite knows. */
export function phaseNames({ phases }: Pick<Suite, "phases">): string[] {
  return [...new Set([...PHASES_OF_ALL, ...Object.keys(phases)])];
}

/** The phases of a scenario as a summary says them: `cold` and `warm` are what a reader expects. */
export function publishedPhases(phases: readonly string[]): { readonly phases?: string[] } {
  const names = [...new Set(phases)];
  return PHASES_OF_ALL.every((phase) => names.includes(phase)) && names.length === PHASES_OF_ALL.length
    ? {}
    : { phases: names };
}

/** The problems of the phases that a suite declares, and of the paths that they remove, besides unknown names. */
export function findPhaseProblems({ phases, cachePaths }: Pick<Suite, "phases" | "cachePaths">): ArtifactIssue[] {
  return [
    ...findRemovedProblems("cachePaths", cachePaths),
    ...Object.entries(phases).flatMap(([name, { fill, removes = [] }]) => [
      ...(fill !== undefined && PHASES_OF_ALL.includes(name)
        ? [
            {
              path: `phases.${name}.fill`,
              message: `"${name}" is ${name === "cold" ? "never" : "always"} filled; give a phase of another name`,
            },
          ]
        : []),
      ...findRemovedProblems(`phases.${name}.removes`, removes),
    ]),
  ];
}

/** Only paths below the folder of the run may be removed. */
function findRemovedProblems(place: string, texts: readonly string[]): ArtifactIssue[] {
  return texts.flatMap((text, index) => {
    const problem = problemOfRemoved(text);
    const message = `${JSON.stringify(text)} ${problem}; give a path below it, such as "{outDir}" or "home/.cache/NAME"`;
    return problem === undefined ? [] : [{ path: `${place}[${index}]`, message }];
  });
}

function problemOfRemoved(text: string): string | undefined {
  if (path.isAbsolute(text) || text.split("/").includes("..")) return "leads out of the folder of the run";
  return path.normalize(text).replace(/\/$/, "") === "." ? "is the folder of the run itself" : undefined;
}
