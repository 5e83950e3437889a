import type { Suite } from "@forgebench/artifacts";
import { type ArtifactIssue, nearestName, slippedName } from "@forgebench/errors";
import { PLACES } from "./subject-command.ts";

/** Texts of a suite that become words of a command or paths, where they stand, and the places that they may name. */
interface Texts {
  readonly path: string;
  readonly texts: readonly string[];
  readonly places: readonly string[];
}

/** Texts that no command could be started with, and braces that are no place. */
export function findWordProblems(suite: Suite): ArtifactIssue[] {
  const all = textsOf(suite);
  return [
    ...all.flatMap(({ path, texts, places }) =>
      texts.flatMap((text, index) => strangeBraces(text, places, `${path}[${index}]`)),
    ),
    ...[...all, ...inputTexts(suite)].flatMap(({ path, texts }) =>
      texts.flatMap((text, index) => {
        const problem = problemOfText(text);
        return problem === undefined ? [] : [{ path: `${path}[${index}]`, message: problem }];
      }),
    ),
    ...findLongCommands(suite),
  ];
}

/** Where a text of a suite stands. */
export function placeOfText(suite: Suite, text: string): string {
  const found = textsOf(suite).find(({ texts }) => texts.includes(text));
  return found === undefined ? "subject.argv" : `${found.path}[${found.texts.indexOf(text)}]`;
}

function textsOf({ subject, profiles, arms, phases, cachePaths, plantCommand }: Suite): Texts[] {
  const removed = ["outDir", "manifest"];
  return [
    { path: "subject.argv", texts: subject.argv, places: [...PLACES, "profile", "arm"] },
    { path: "arms.head.arguments", texts: arms?.head.arguments ?? [], places: PLACES },
    { path: "arms.base.arguments", texts: arms?.base.arguments ?? [], places: PLACES },
    ...profiles.map((profile, index) => ({
      path: `profiles[${index}].arguments`,
      texts: profile.arguments,
      places: PLACES,
    })),
    { path: "cachePaths", texts: cachePaths, places: removed },
    ...Object.entries(phases).flatMap(([name, { removes = [], prepare = [] }]) => [
      { path: `phases.${name}.removes`, texts: removes, places: removed },
      { path: `phases.${name}.prepare`, texts: prepare, places: PLACES },
    ]),
    { path: "plantCommand", texts: plantCommand ?? [], places: ["factor", "command", "suiteDir"] },
  ];
}

function inputTexts({ inputs = [], scenarios }: Suite): Omit<Texts, "places">[] {
  const own = scenarios.map((scenario, index) => ({
    path: `scenarios[${index}].inputs`,
    texts: scenario.inputs ?? [],
  }));
  return [{ path: "inputs", texts: inputs }, ...own];
}

/**
 * A name in single braces is a place, and one that nobody knows a mistake. Other texts in braces are the program's own, such
 * as `{ print $1 }` and `{"a": 1}`, but for those that are a place in another spelling: `{input file}`.
 */
function strangeBraces(text: string, known: readonly string[], path: string): ArtifactIssue[] {
  const shown = known.map((one) => `{${one}}`).join(", ");
  return [...text.matchAll(/(?<!\{)\{([\w\s.-]+)\}(?!\})/g)].flatMap(([braces, name = ""]) => {
    const isName = /^\w+$/.test(name);
    if (known.includes(name)) return [];
    // `${name-default}` is of a shell.
    const isShell = !isName && text.includes(`$${braces}`);
    const slip = isName ? nearestName(name, known) : isShell ? undefined : slippedName(name, known);
    if (!isName && slip === undefined) return [];
    const meant = slip === undefined ? "" : `, {${slip}} is meant?`;
    const kept = isName ? `; doubled braces, {{${name}}}, are kept as {${name}}` : "";
    return [{ path, message: `${JSON.stringify(braces)} is no place${meant}; known: ${shown}${kept}` }];
  });
}

/** Linux starts nothing with a word of 128 KiB, or with 2 MiB of them: something is left for the places that are filled in. */
const MAX_WORD_BYTES = 120 * 1024;
const MAX_COMMAND_BYTES = 1.75 * 1024 * 1024;

function problemOfText(text: string): string | undefined {
  const at = text.indexOf("\0");
  if (at >= 0) return `has a NUL character at position ${at + 1}, which arguments and paths cannot have`;
  const sizeBytes = Buffer.byteLength(text);
  if (sizeBytes <= MAX_WORD_BYTES) return undefined;
  return `has ${sizeBytes} bytes, an argument at most ${MAX_WORD_BYTES}; put it into a file and name that`;
}

function findLongCommands({ subject, profiles, arms, phases }: Suite): ArtifactIssue[] {
  const ofArm = Math.max(bytesOf(arms?.head.arguments ?? []), bytesOf(arms?.base.arguments ?? []));
  const own = bytesOf(subject.argv) + ofArm;
  const commands = [
    ...profiles.map((profile, index) => ({
      path: own > MAX_COMMAND_BYTES ? "subject.argv" : `profiles[${index}].arguments`,
      sizeBytes: own + bytesOf(profile.arguments),
    })),
    ...Object.entries(phases).map(([name, { prepare = [] }]) => ({
      path: `phases.${name}.prepare`,
      sizeBytes: bytesOf(prepare),
    })),
  ];
  return commands.flatMap(({ path, sizeBytes }) => {
    const message = `makes a command of ${sizeBytes} bytes, at most ${MAX_COMMAND_BYTES} are started; put arguments into a file`;
    return sizeBytes > MAX_COMMAND_BYTES ? [{ path, message }] : [];
  });
}

/** Of each word its end and a pointer to it count too. */
function bytesOf(words: readonly string[]): number {
  return words.reduce((sum, word) => sum + Buffer.byteLength(word) + 9, 0);
}
