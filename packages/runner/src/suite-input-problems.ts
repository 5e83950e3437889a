import path from "node:path";
import type { Suite } from "@forgebench/artifacts";
import type { ArtifactIssue } from "@forgebench/errors";
import { namesPlace, usesPlace, usesTier } from "./subject-command.ts";

/** Inputs that cannot be, and commands that name an input which a scenario does not have. */
export function findInputProblems(suite: Suite): ArtifactIssue[] {
  const { inputs, scenarios } = suite;
  const named = [
    { place: "inputs", own: inputs ?? [] },
    ...scenarios.map((scenario, index) => ({ place: `scenarios[${index}].inputs`, own: scenario.inputs ?? [] })),
  ];
  return [
    ...named.flatMap(({ place, own }) =>
      own.flatMap((text, index) => {
        const problem = problemOfInput(text);
        return problem === undefined ? [] : [{ path: `${place}[${index}]`, message: problem }];
      }),
    ),
    ...named.flatMap(({ place, own }) => findTwice(place, own)),
    ...findTwoKinds(suite),
    ...findMissingInputs(suite),
  ];
}

function problemOfInput(text: string): string | undefined {
  if (path.isAbsolute(text)) {
    return `${JSON.stringify(text)} is a path of one machine; give one from the folder of the suite file, such as data/a.json`;
  }
  const rest = text.replace(/^\{suiteDir\}(\/|$)/, "");
  const strange = /\{(\w+)\}/.exec(rest)?.[0];
  if (strange === undefined) return undefined;
  return `${JSON.stringify(strange)} is not a place of an input; only {suiteDir}, the folder of the suite file, is allowed, at the beginning`;
}

/** A second entry for a file is reported, not silently ignored. */
function findTwice(place: string, texts: readonly string[]): ArtifactIssue[] {
  const written = texts.map((text) => path.normalize(text.replace(/^\{suiteDir\}(\/|$)/, "./")).replace(/\/$/, ""));
  return written.flatMap((name, index) => {
    const first = written.indexOf(name);
    const message = `${JSON.stringify(texts[index])} is listed already, as ${place}[${first}]: list each file once`;
    return first === index ? [] : [{ path: `${place}[${index}]`, message }];
  });
}

/** Inputs that no word of a command reads: a line, or none. */
export function describeUnreadInputs(suite: Suite): string[] {
  if (usesPlace(suite, "input") || usesPlace(suite, "inputFile")) return [];
  const [what] = [
    ...(suite.inputs === undefined ? [] : ["inputs"]),
    ...suite.scenarios.flatMap(({ inputs, files }, index) => [
      ...(inputs === undefined ? [] : [`scenarios[${index}].inputs`]),
      ...(files === undefined ? [] : [`scenarios[${index}].files`]),
    ]),
  ];
  if (what === undefined) return [];
  return [`note: the command reads no input: ${what} is copied, and no argument names {input} or {inputFile}`];
}

/** The images of a tier and files of the suite's own would be two datasets, and a report names one. */
function findTwoKinds(suite: Suite): ArtifactIssue[] {
  if (!usesTier(suite)) return [];
  const message =
    "are given beside files, the images of a tier: a suite can use only one of the two; make two suites of it";
  return [
    ...(suite.inputs === undefined ? [] : [{ path: "inputs", message }]),
    ...suite.scenarios.flatMap(({ inputs }, index) =>
      inputs === undefined ? [] : [{ path: `scenarios[${index}].inputs`, message }],
    ),
  ];
}

function findMissingInputs(suite: Suite): ArtifactIssue[] {
  const place = (["input", "inputFile"] as const).find((name) => usesPlace(suite, name));
  if (place === undefined || suite.inputs !== undefined) return [];
  return suite.scenarios.flatMap(({ files, inputs, name }, index) => {
    if (files !== undefined || inputs !== undefined) return [];
    const remedy = "add inputs (files, folders, globs) or, for images, files (small, median, large, all)";
    return [
      { path: `scenarios[${index}]`, message: `the command names {${place}}, and "${name}" has none: ${remedy}` },
    ];
  });
}

/** Arguments that no place of the command takes would have no effect, and a place without arguments is a mistake. */
export function findUnplacedArguments({ subject, profiles, arms }: Suite): ArtifactIssue[] {
  const { argv } = subject;
  const problem = (at: string, message: string): ArtifactIssue => ({ path: at, message });
  const inside = argv.flatMap((word, index) =>
    ["{arm}", "{profile}"].flatMap((place) =>
      word !== place && namesPlace(word, place.slice(1, -1))
        ? [
            problem(
              `subject.argv[${index}]`,
              `${JSON.stringify(word)}: ${place} is an argument of its own, it cannot be a part`,
            ),
          ]
        : [],
    ),
  );
  return [
    ...inside,
    ...(arms !== undefined && !argv.includes("{arm}")
      ? [problem("arms", 'no argument of subject.argv is "{arm}": both arms would be the same command')]
      : []),
    ...(arms === undefined && argv.includes("{arm}")
      ? [
          problem(
            `subject.argv[${argv.indexOf("{arm}")}]`,
            '"{arm}" is replaced by the arguments of an arm: add arms: { head: { arguments: […] }, base: { arguments: […] } }',
          ),
        ]
      : []),
    ...profiles.flatMap((profile, index) =>
      profile.arguments.length === 0 || argv.includes("{profile}")
        ? []
        : [problem(`profiles[${index}].arguments`, 'no argument of subject.argv is "{profile}": these have no effect')],
    ),
  ];
}
