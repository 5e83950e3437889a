import { messageOf } from "@forgebench/errors";
import { describe, expect, it } from "vitest";
import { findMisspelledFields, suite } from "./suite.ts";
import { parseSuite } from "./suite-file.ts";
import { artifactErrorOf, exampleText } from "./test-helpers.ts";

const example = exampleText(suite);
const message = (text: string) => artifactErrorOf(() => parseSuite(text, "s.yaml")).message;

describe("parseSuite", () => {
  it("fills in what the example of its page leaves out", () => {
    expect(parseSuite(example, "s.yaml")).toMatchObject({
      name: "example",
      scenarios: [{ name: "batch-all", phases: ["cold", "warm"], gating: true }],
      metrics: ["wall"],
      margins: { equivalencePct: 5, minEffectPct: 2 },
    });
  });

  it("keeps fields that it does not know", () => {
    expect(parseSuite(`${example}\nteam: { owner: me }\n`, "s.yaml")).toMatchObject({ team: { owner: "me" } });
  });

  it.each([
    ["a syntax error", "name: x\nsubject: [\n", "line 3: not YAML: "],
    ["a tab", "name: x\nsubject:\n\targv: []\n", "line 3: not YAML: "],
    [
      "a key given twice",
      `${example}name: other\n`,
      `line ${example.split("\n").length}: not YAML: Map keys must be unique`,
    ],
    ["two documents", `${example}---\nname: x\n`, "not YAML: "],
    ["nothing", "", "expected an object, found null"],
    ["a list", "- a\n", "expected an object, found an array"],
    ["a missing field", "name: x\n", "subject: "],
    ["a wrong choice", example.replace("files: all", "files: some"), "scenarios[0].files: "],
    [
      "a tier of its own",
      example.replace("files: all", "files: all\n    tier: tier30"),
      "scenarios[0].tier: is not supported yet: ",
    ],
    [
      "a report path of another form",
      example.replace("summary.total", "$.total"),
      'subject.report.total: "$.total" is not a dotted path such as summary.total',
    ],
    [
      "an id that leaves its folder",
      example.replace("id: P1", "id: ../P1"),
      'profiles[0].id: "../P1" is not an id such as P1',
    ],
    ["no profiles", example.replace(/^profiles:\n( .*\n)+/m, "profiles: []\n"), "profiles: "],
  ])("refuses %s by line or field", (_, text, expected) => {
    expect(message(text)).toContain('Cannot read suite "s.yaml": ');
    expect(message(text)).toContain(expected);
  });

  it("takes the numbers of a command as they are written", () => {
    const text = `
name: numbers
subject: { argv: [sleep, 0.10, 007, 1e3, 0x1F, "{profile}"] }
profiles: [{ id: P1, arguments: [-5, 1.0] }]
plantCommand: [slow, 2.50, "{factor}", "{command}"]
scenarios: [{ name: one }]
`;
    expect(parseSuite(text, "s.yaml")).toMatchObject({
      subject: { argv: ["sleep", "0.10", "007", "1e3", "0x1F", "{profile}"] },
      profiles: [{ arguments: ["-5", "1.0"] }],
      plantCommand: ["slow", "2.50", "{factor}", "{command}"],
    });
    for (const word of ["yes: no", "null", "true", "[a]"]) {
      const wrong = text.replace("[sleep, 0.10,", `[sleep, ${word.includes(":") ? `{ ${word} }` : word},`);
      expect(message(wrong)).toContain("subject.argv[1]: expected a text or a number, found ");
    }
  });

  it("needs neither report nor profiles, and has no rules then", () => {
    const text = "name: bare\nsubject: { argv: [sleep, 0.1] }\nscenarios: [{ name: one }]\n";
    expect(parseSuite(text, "s.yaml")).toMatchObject({
      profiles: [{ id: "default", arguments: [] }],
      validity: { cold: [], warm: [] },
      scenarios: [{ name: "one", phases: ["cold", "warm"] }],
    });
    expect(parseSuite(`${text}validity: { cold: [] }\n`, "s.yaml")).toMatchObject({ validity: { cold: [] } });
    expect(message(`${text}validity: { warm: [cached = total] }\n`)).toContain(
      "validity.warm: a rule is about the report of the subject: add subject.report",
    );
  });

  it("refuses aliases that multiply", () => {
    const layers = "bcdefghij"
      .split("")
      .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${"abcdefghi"[index]}`).join(", ")}]`);
    expect(message(["a: &a [x, x]", ...layers].join("\n"))).toContain("not YAML: Excessive alias count");
  });

  const bare = "name: bare\nsubject: { argv: [sleep, 0.1] }\nscenarios: [{ name: one }]\n";
  const withReport = bare.replace("0.1]", "0.1], report: { total: t, processed: p, cached: c, failed: f }");
  const own = (more: string) => `${bare}metrics: [{ id: ops, better: lower, kind: time, ${more} }]\n`;

  /** Where it can be read all the same, as from the evidence of a night: what is told before it is run. */
  const misspelled = (text: string) => {
    try {
      return findMisspelledFields(parseSuite(text, "s.yaml"))
        .map((issue) => `${issue.path}: ${issue.message}`)
        .join("\n");
    } catch (error) {
      return messageOf(error);
    }
  };

  it.each([
    [`${bare}phases: { p: { prepar: [x] } }`, 'phases.p.prepar: "prepar" is not a field here, "prepare" is meant?'],
    [`${bare}phases: { p: { remove: [x] } }`, 'phases.p.remove: "remove" is not a field here, "removes" is meant?'],
    [
      `${bare}margins: { equivalencePc: 1 }`,
      'margins.equivalencePc: "equivalencePc" is not a field here, "equivalencePct"',
    ],
    [bare.replace("0.1]", "0.1], agrv: []"), 'subject.agrv: "agrv" is not a field here, "argv" is meant?'],
    [own("noize: exact, from: { json: a }"), 'metrics[0].noize: "noize" is not a field here, "noise" is meant?'],
    [`${bare}scenarois: []`, 'scenarois: "scenarois" is not a field here, "scenarios" is meant?'],
    [
      `${bare}profiles: [{ id: a, argumentz: [] }]`,
      'profiles[0].argumentz: "argumentz" is not a field here, "arguments"',
    ],
    [
      `${bare}arms: { head: { arguments: [], argumets: [] }, base: { arguments: [] } }`,
      'arms.head.argumets: "argumets" is not a field here, "arguments" is meant?',
    ],
    [
      withReport.replace("failed: f", "failed: f, durationMS: d"),
      'subject.report.durationMS: "durationMS" is not a field',
    ],
    [
      withReport.replace("processed", "procesed"),
      'subject.report.processed: expected a text, found nothing; found "procesed" instead',
    ],
    [
      `${bare}arms: { haed: { arguments: [] }, base: { arguments: [] } }`,
      'arms.head: expected an object, found nothing; found "haed" instead',
    ],
    [own("from: { jsn: a }"), 'metrics[0].from.json: expected a text, found nothing; found "jsn" instead'],
    [own("from: { regx: a }"), 'metrics[0].from.regex: expected a text, found nothing; found "regx" instead'],
  ])("refuses a misspelled field at any depth: %#", (text, expected) => {
    expect(misspelled(text)).toContain(expected);
  });

  it("keeps at any depth what is near no field", () => {
    const text = bare.replace("0.1]", "0.1], owner: me").replace("name: one", "name: one, note: quick, kind: nap");
    const read = parseSuite(`${text}margins: { why: x }\nphases: { p: { why: x }, prepar: {} }\n`, "s.yaml");
    expect(findMisspelledFields(read)).toEqual([]);
    expect(read).toMatchObject({
      subject: { owner: "me" },
      scenarios: [{ note: "quick", kind: "nap" }],
      phases: { p: { why: "x" }, prepar: {} },
    });
  });

  it.each([
    [bare.replace("name: one", "name: one, gating: no"), 'scenarios[0].gating: expected true or false, found "no"'],
    [`${bare}phases: { p: { fill: yes } }`, 'phases.p.fill: expected true or false, found "yes"'],
    [`${bare}controls: non`, 'controls: expected "none", found "non"'],
    [
      bare.replace("name: one", "name: one, files: smal"),
      'scenarios[0].files: expected "small", "median", "large" or "all", found "smal", "small" is meant?',
    ],
    [`${bare}margins: { equivalencePct: "5" }`, 'margins.equivalencePct: expected a number, found "5"'],
    [`${bare}margins: { equivalencePct: 0 }`, "margins.equivalencePct: expected more than 0, found 0"],
    [bare.replace("[{ name: one }]", "[]"), "scenarios: expected at least 1 entry, found 0"],
    ["name: bare\nscenarios: [{ name: one }]\n", "subject: expected an object, found nothing"],
    [`${bare}phases: { "a b": {} }`, 'phases.a b: "a b" is not a phase such as cold or warm'],
    [bare.replace("name: one", "name: one/two"), 'scenarios[0].name: "one/two" is not a name such as batch-all'],
    [own("unit: 123456789012345678901234567890, from: { json: a }"), "metrics[0].unit: "],
    [
      own("from: { json: a }").replace("id: ops", "id: 1ops"),
      'metrics[0].id: "1ops" is not a name such as ops_per_second',
    ],
    [
      own("from: { regex: (.), stream: sdterr }"),
      'metrics[0].from.stream: expected "stdout" or "stderr", found "sdterr", "stderr" is meant?',
    ],
    [own("from: { json: 5 }"), "metrics[0].from.json: expected a text, found 5"],
    [own("from: { json: a, stream: stdout }"), 'metrics[0].from.stream: "stream" is not a field here'],
  ])("quotes what is there and says what should be: %#", (text, expected) => {
    expect(message(text)).toContain(`Cannot read suite "s.yaml": ${expected}`);
  });
});
