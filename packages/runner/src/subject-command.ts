import type { Suite, SuiteProfile } from "@forgebench/artifacts";

/** The places of one run, put into the command of the suite. */
export interface CommandPlaces {
  readonly cli: string;
  readonly input: string;
  readonly outDir: string;
  readonly manifest: string;
}

/** The command of one run: the suite's template with the profile's arguments and the run's places. */
export function subjectCommand(suite: Suite, profile: SuiteProfile, places: CommandPlaces): string[] {
  return suite.subject.argv.flatMap((argument) =>
    argument === "{profile}"
      ? profile.arguments.map((inner) => fillPlaces(inner, places))
      : [fillPlaces(argument, places)],
  );
}

/** Replaces `{cli}`, `{input}`, `{outDir}` and `{manifest}`; `{{name}}` becomes `{name}`, and any other braces stay. */
export function fillPlaces(text: string, places: CommandPlaces): string {
  return text.replace(/\{(\{\w+\})\}|\{(cli|input|outDir|manifest)\}/g, (_, kept: string, name: keyof CommandPlaces) =>
    kept === undefined ? places[name] : kept,
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
