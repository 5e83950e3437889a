import type { Suite, SuiteProfile } from "@forgebench/artifacts";
import { InvariantError } from "@forgebench/errors";
import type { Arm } from "./cells.ts";

/** The places of one run, put into the command of the suite. */
interface CommandPlaces {
  /** Absent where the command has no `{cli}`. */
  readonly cli?: string | undefined;
  readonly input: string;
  /** The one file of the input; absent where it has none, or several. */
  readonly inputFile?: string | undefined;
  readonly outDir: string;
  readonly manifest: string;
  /** The folder of the suite file; absent where nothing names it. */
  readonly suiteDir?: string | undefined;
}

/** The places that a command may name. */
export const PLACES = ["cli", "input", "inputFile", "outDir", "manifest", "suiteDir"] as const;

/** Where the words of commands stand. */
type Words = Pick<Suite, "subject" | "profiles" | "arms" | "phases">;

/** All words of the commands that a suite may start, but for the slowing one. */
export function commandWords({ subject, profiles, arms, phases }: Words): string[] {
  const ofArms = arms === undefined ? [] : [...arms.head.arguments, ...arms.base.arguments];
  const ofPhases = Object.values(phases).flatMap(({ prepare }) => prepare ?? []);
  return [...subject.argv, ...profiles.flatMap((profile) => profile.arguments), ...ofArms, ...ofPhases];
}

/** Whether a text names a place; doubled braces are text. */
export function namesPlace(text: string, place: string): boolean {
  return [...text.matchAll(/(?<!\{)\{(\w+)\}(?!\})/g)].some(([, name]) => name === place);
}

/** Whether the command of a suite names a place, be it by a profile or an arm. */
export function usesPlace(suite: Words, place: (typeof PLACES)[number]): boolean {
  return commandWords(suite).some((text) => namesPlace(text, place));
}

/** Whether the scenarios of a suite are measured on the images of a tier. */
export function usesTier({ scenarios }: Pick<Suite, "scenarios">): boolean {
  return scenarios.some(({ files }) => files !== undefined);
}

/** The command of one run: the suite's template with the arguments of profile and arm and the run's places. */
export function subjectCommand(suite: Suite, profile: SuiteProfile, places: CommandPlaces, arm: Arm): string[] {
  const inserted: Readonly<Record<string, readonly string[] | undefined>> = {
    "{profile}": profile.arguments,
    "{arm}": suite.arms?.[arm].arguments,
  };
  return suite.subject.argv
    .flatMap((argument) => inserted[argument] ?? [argument])
    .map((argument) => fillPlaces(argument, places));
}

/** Replaces the {@link PLACES} in braces; `{{name}}` becomes `{name}`, and any other braces stay. */
export function fillPlaces(text: string, places: CommandPlaces): string {
  return text.replace(
    /\{(\{\w+\})\}|\{(cli|input|inputFile|outDir|manifest|suiteDir)\}/g,
    (_, kept: string | undefined, name: (typeof PLACES)[number]) => {
      const filled = kept ?? places[name];
      if (filled === undefined) throw new InvariantError(`nothing is ready for {${name}} of ${JSON.stringify(text)}`);
      return filled;
    },
  );
}

/** The command that asks the subject for its version: the template up to the CLI, and `--version`. */
export function versionCommand(suite: Suite, cli: string): string[] | undefined {
  const at = suite.subject.argv.indexOf("{cli}");
  return at < 0 ? undefined : [...suite.subject.argv.slice(0, at), cli, "--version"];
}

/** A command as it is started: `node` is the Node that runs this program, whatever the PATH says. */
export function executable(command: readonly string[], nodePath: string): string[] {
  return command.map((argument, index) => (index === 0 && argument === "node" ? nodePath : argument));
}
