import type { Suite } from "@forgebench/artifacts";
import { describe, expect, it } from "vitest";
import { subjectCommand } from "./subject-command.ts";
import { describeUnreadInputs } from "./suite-input-problems.ts";
import { assertSuiteRunnable } from "./suite-problems.ts";
import { makeSuite } from "./test-helpers.ts";

const plain = makeSuite();
const [profile] = plain.profiles;
const [scenario] = plain.scenarios;
if (profile === undefined || scenario === undefined) throw new Error("the suite of tests is empty");

const arms = { head: { arguments: ["-5"] }, base: { arguments: ["-3"] } };
const { files: _, ...bareScenario } = { ...scenario, name: "bare" };
const bare: Partial<Suite> = { scenarios: [bareScenario] };

const problemsOf = (changes: Partial<Suite>): string => {
  try {
    assertSuiteRunnable({ ...plain, ...changes }, "s.yaml");
    return "";
  } catch (error) {
    return (error as Error).message;
  }
};

it("takes a suite that names what is known, once", () => {
  expect(problemsOf({})).toBe("");
  expect(problemsOf({ metrics: ["wall", "output_bytes"], gateChanged: ["output_bytes"] })).toBe("");
  expect(problemsOf({ plantCommand: ["slow-by", "{factor}", "{command}"] })).toBe("");
  const awk = [
    "awk",
    "{{print}}",
    "{profile}",
    "{input}",
    "{}",
    "{a b}",
    "{ print $1 }",
    '{"input": 1}',
    "{ print }",
    `\${input-x}`,
    "{1..3}",
  ];
  expect(problemsOf({ subject: { ...plain.subject, argv: awk } })).toBe("");
});

describe("refuses, with the place and the nearest name", () => {
  it.each<[string, Partial<Suite>, string]>([
    [
      "an unknown metric",
      { metrics: ["wall", "wal"] },
      'metrics[1]: "wal" is no metric, "wall" is meant?; known: wall,',
    ],
    ["a metric that is not near any", { metrics: ["temperature"] }, 'metrics[0]: "temperature" is no metric; known:'],
    [
      "a gate of what is not measured",
      { metrics: ["wall"], gateChanged: ["output_bytes"] },
      'gateChanged[0]: "output_bytes" is no metric of this suite; known: wall',
    ],
    [
      "an unknown place in the command",
      { subject: { ...plain.subject, argv: ["node", "{cli}", "{out}"] } },
      'subject.argv[2]: "{out}" is no place; known: {cli}, {input}, {inputFile}, {outDir}, {manifest}, {suiteDir}, {profile}, {arm}; doubled braces',
    ],
    [
      "an unknown place in a profile",
      { profiles: [{ ...profile, arguments: ["--out={outdir}"] }] },
      'profiles[0].arguments[0]: "{outdir}" is no place, {outDir} is meant?',
    ],
    ["an unknown place of the cache", { cachePaths: ["{cli}"] }, 'cachePaths[0]: "{cli}" is no place'],
    [
      "an unknown place of a plant",
      { plantCommand: ["{comand}"] },
      'plantCommand[0]: "{comand}" is no place, {command}',
    ],
    [
      "a profile twice",
      { profiles: [profile, profile] },
      `profiles[1]: "${profile.id}" is listed already, as profiles[0]`,
    ],
    ["a scenario twice", { scenarios: [scenario, scenario] }, `scenarios[1]: "${scenario.name}" is listed already`],
    [
      "a phase twice",
      { scenarios: [{ ...scenario, phases: ["cold", "warm", "cold"] }] },
      'scenarios[0].phases[2]: "cold" is listed already, as scenarios[0].phases[0]',
    ],
    ["a metric twice", { metrics: ["wall", "wall"] }, 'metrics[1]: "wall" is listed already, as metrics[0]'],
    [
      "a headline that is not there",
      { headline: { profileId: profile.id, scenario: "nowhere" } },
      'headline.scenario: "nowhere" is no scenario of this suite',
    ],
    [
      "the subject's own time without its report",
      { metrics: ["wall", "reported_duration"], subject: { argv: ["x", "{profile}"] } },
      'metrics[1]: "reported_duration" is the time that the subject itself reports: add subject.report with durationMs',
    ],
    [
      "the subject's own time where its report has none",
      {
        metrics: ["reported_duration"],
        subject: { ...plain.subject, report: { total: "t", processed: "p", cached: "c", failed: "f" } },
      },
      'metrics[0]: "reported_duration" is the time that the subject itself reports',
    ],
    [
      "a metric that is never judged, with a report",
      { metrics: ["wall", "throughput"] },
      'metrics[1]: "throughput" is never judged, because it follows from the time of a run: use wall',
    ],
    [
      "a metric that is never judged, without a report",
      { metrics: ["throughput"], gateChanged: ["throughput"], subject: { argv: ["x", "{profile}"] } },
      'metrics[0]: "throughput" is never judged',
    ],
    [
      "a gate of what is noisy",
      { metrics: ["wall", "cpu"], gateChanged: ["cpu"] },
      'gateChanged[0]: "cpu" is noisy: a proved regression of it is an alert anyway. This list is only for exact metrics',
    ],
    ...["../x", "/etc", "{outDir}/../.."].map((text): [string, Partial<Suite>, string] => [
      `a cache at ${text}`,
      { cachePaths: ["{outDir}", text] },
      `cachePaths[1]: "${text}" leads out of the folder of the run`,
    ]),
    ...[".", "", "./", "a/.."].map((text): [string, Partial<Suite>, string] => [
      `a phase that removes "${text}"`,
      { phases: { p: { removes: [text] } } },
      `phases.p.removes[0]: "${text}" ${text === "a/.." ? "leads out of" : "is"} the folder of the run`,
    ]),
    ...["{input file}", "{input-file}", "{ inputFile }", "{Input_File}"].map(
      (text): [string, Partial<Suite>, string] => [
        `the place ${text}`,
        { subject: { ...plain.subject, argv: ["x", "{profile}", `a=${text}`] } },
        `subject.argv[2]: "${text}" is no place, {inputFile} is meant?`,
      ],
    ),
    [
      "a NUL character in an argument",
      { profiles: [{ ...profile, arguments: ["a", "b\0c"] }] },
      "profiles[0].arguments[1]: has a NUL character at position 2",
    ],
    ["a NUL character in a path", { phases: { p: { removes: ["a\0"] } } }, "phases.p.removes[0]: has a NUL character"],
    ["a NUL character in an input", { ...bare, inputs: ["a\0"] }, "inputs[0]: has a NUL character"],
    [
      "a word that is too long to be started",
      { phases: { p: { prepare: ["echo", "x".repeat(130 * 1024)] } } },
      "phases.p.prepare[1]: has 133120 bytes, an argument at most 122880; put it into a file",
    ],
    [
      "a command that is too long to be started",
      { profiles: [{ ...profile, arguments: Array<string>(20).fill("x".repeat(100 * 1024)) }] },
      "profiles[0].arguments: makes a command of 2048",
    ],
    [
      "an input of one machine",
      { ...bare, inputs: ["a.json", "/etc/hosts"] },
      'inputs[1]: "/etc/hosts" is a path of one machine; give one from the folder of the suite file',
    ],
    [
      "an input of another place",
      { ...bare, scenarios: [{ ...bareScenario, inputs: ["{outDir}/x"] }] },
      'scenarios[0].inputs[0]: "{outDir}" is not a place of an input',
    ],
    [
      "an input twice",
      { ...bare, inputs: ["d/f.txt", "x", "{suiteDir}/d//f.txt"] },
      'inputs[2]: "{suiteDir}/d//f.txt" is listed already, as inputs[0]',
    ],
    [
      "an input of a scenario twice",
      { ...bare, scenarios: [{ ...bareScenario, inputs: ["d", "./d/"] }] },
      'scenarios[0].inputs[1]: "./d/" is listed already, as scenarios[0].inputs[0]',
    ],
    [
      "images and inputs in one suite",
      { inputs: ["a.json"] },
      "inputs: are given beside files, the images of a tier: a suite can use only one of the two",
    ],
    [
      "a command on an input that a scenario has not",
      bare,
      'scenarios[0]: the command names {input}, and "bare" has none: add inputs',
    ],
    ["arms that make no difference", { arms }, 'arms: no argument of subject.argv is "{arm}"'],
    [
      "a place for arms that are not there",
      { subject: { argv: ["x", "{profile}", "{arm}"] } },
      'subject.argv[2]: "{arm}" is replaced by the arguments of an arm: add arms',
    ],
    [
      "arguments of an arm inside an argument",
      { arms, subject: { argv: ["x", "{profile}", "{arm}", "-l={arm}"] } },
      'subject.argv[3]: "-l={arm}": {arm} is an argument of its own',
    ],
    [
      "arguments of a profile that go nowhere",
      { subject: { argv: ["x"] } },
      'profiles[0].arguments: no argument of subject.argv is "{profile}"',
    ],
    [
      "a field that is nearly one",
      { input: ["a"] } as object,
      'input: "input" is not a field here, "inputs" is meant?',
    ],
    [
      "a field of a metric that is nearly one",
      makeSuite({ metrics: ["wall", { id: "a", better: "lower", kind: "time", from: { json: "a" }, noize: "exact" }] }),
      'metrics[1].noize: "noize" is not a field here, "noise" is meant?',
    ],
    [
      "a phase that nobody declares",
      { phases: { reopened: {} }, scenarios: [{ ...scenario, phases: ["cold", "reopend"] }] },
      'scenarios[0].phases[1]: "reopend" is no phase of this suite, "reopened" is meant?; known: cold, warm, reopened',
    ],
    [
      "rules for a phase that nobody declares",
      { validity: { cold: [], warm: [], wram: [] } },
      'validity.wram: "wram" is no phase of this suite, "warm" is meant?',
    ],
    [
      "a phase that removes what is not its own",
      { phases: { own: { removes: ["out", "../x"] } } },
      'phases.own.removes[1]: "../x" leads out of the folder of the run',
    ],
    ["a cold phase that is filled", { phases: { cold: { fill: true } } }, 'phases.cold.fill: "cold" is never filled'],
    [
      "an unknown place of a phase",
      { phases: { own: { prepare: ["cp", "{inptu}", "x"] } } },
      'phases.own.prepare[1]: "{inptu}" is no place, {input} is meant?',
    ],
    ["a rule that cannot be checked", { validity: { cold: ["cached == 0"], warm: [] } }, "validity.cold[0]: "],
  ])("%s", (_, changes, message) => {
    expect(problemsOf(changes)).toContain(`Cannot read suite "s.yaml": ${message}`);
  });

  it.each(["cached == 0", "speed > 1", "cached = zero", "cached = 0; total = 1", ""])("the rule %j", (rule) => {
    const problem = problemsOf({ validity: { cold: ["cached = 0", rule], warm: [] } });
    expect(problem).toContain(`validity.cold[1]: ${JSON.stringify(rule)}`);
  });
});

it("says that a command reads no input", () => {
  expect(describeUnreadInputs(plain)).toEqual([]);
  const unread = { ...plain, subject: { argv: ["sleep", "{outDir}"] } };
  expect(describeUnreadInputs(unread)[0]).toContain("reads no input: scenarios[0].files is copied, and no argument");
  expect(describeUnreadInputs({ ...unread, ...bare })).toEqual([]);
  expect(describeUnreadInputs({ ...unread, ...bare, inputs: ["a"] })[0]).toContain("reads no input: inputs is copied");
});

it("keeps doubled braces as single ones in the command", () => {
  const suite = { ...plain, subject: { ...plain.subject, argv: ["awk", "{{print}} {input}", '{"a":{"b":1}}'] } };
  const places = { cli: "c", input: "in", outDir: "o", manifest: "m" };
  expect(subjectCommand(suite, profile, places, "head")).toEqual(["awk", "{print} in", '{"a":{"b":1}}']);
});
