import { PROJECT_ROOT } from "@forgebench/io";
import { describe, expect, it } from "vitest";
import { checkWorkflow } from "./check-workflows.ts";
import { readText } from "./source-tree.ts";
import { ACTION_FILE, checkAction } from "./workflows/check-action.ts";

const TEMPLATE = "docs/templates/github-benchmark.yml";
const action = readText(PROJECT_ROOT, ACTION_FILE);
const template = readText(PROJECT_ROOT, TEMPLATE);
const nothing = async () => [];
/** Where an expression begins. */
const OPEN = "${{";

async function problemsOf(text: string): Promise<string> {
  const found = await checkAction({ file: ACTION_FILE, text }, (made) => checkWorkflow(PROJECT_ROOT, made, nothing));
  return found.map(({ line, message }) => `${line} ${message}`).join("\n");
}

describe("the rules for the action", () => {
  it("accept it as it is", async () => {
    expect(await problemsOf(action)).toBe("");
  });

  it.each([
    ["an input in a shell text", 'run: exit "$VERDICT"', `run: exit ${OPEN} inputs.mode }}`, "has an expression"],
    ["a variable without quotes", '--count "$IMAGES"', "--count $IMAGES", "$IMAGES without quotes"],
    ["a flag that is not there", "--dispatch-base", "--base", "the flag --base"],
    ["an entry that is not there", "bench:report", "bench:reports", '"bench:reports"'],
    [
      "an output of a step that is not there",
      "steps.base.outputs.BASE_SHA }}\n\n",
      "steps.base.outputs.SHA }}\n\n",
      '"SHA"',
    ],
    ["an action by its tag", /@043f\w+ # v7.0.1/, "@v7", '"v7"'],
    ["an upload that a failure leaves out", "if: always()\n      with", "with", "does not upload after a failure"],
    ["a step without a shell", "id: base\n      shell: bash", "id: base", "shell"],
    ["a misspelled key", "using: composite", "using: composed", "no composite action"],
  ])("find %s", async (_, from, to, said) => {
    const text = action.replace(from, to);
    expect(text).not.toBe(action);
    expect(await problemsOf(text)).toContain(said);
  });

  it("say where in the action it is", async () => {
    const text = action.replace('--count "$IMAGES"', "--count $IMAGES");
    const line = text.split("\n").findIndex((one) => one.includes("name: Make images")) + 1;
    expect(await problemsOf(text)).toMatch(new RegExp(`^${line} `));
  });

  it.each([
    ["an input that is not there", "cli-path:", "cli:", 'gives the action "cli"'],
    ["a required input that is missing", "          suite: benchmarks/suite.yaml\n", "", 'no "suite"'],
    ["an output that is not there", "outputs.outcome", "outputs.result", '"result"'],
    ["the action by a branch", /@0{40} # v0.1.0/, "@main", "OWNER/forgebench"],
  ])("find %s in the template", async (_, from, to, said) => {
    const text = template.replace(from, to);
    expect(text).not.toBe(template);
    const found = await checkWorkflow(PROJECT_ROOT, { file: TEMPLATE, text }, nothing);
    expect(found.map(({ message }) => message).join("\n")).toContain(said);
  });
});
