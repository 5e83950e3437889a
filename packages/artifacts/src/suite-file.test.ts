import { describe, expect, it } from "vitest";
import { suite } from "./suite.ts";
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
      "subject.report.total: not a dotted path such as summary.total",
    ],
    ["an id that leaves its folder", example.replace("id: P1", "id: ../P1"), "profiles[0].id: not an id such as P1"],
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
});
