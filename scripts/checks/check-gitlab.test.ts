import { PROJECT_ROOT } from "@forgebench/io";
import { expect, it } from "vitest";
import { readText } from "./source-tree.ts";
import { checkGitLab } from "./workflows/check-gitlab.ts";

const FILE = "docs/templates/gitlab-ci.yml";
const written = readText(PROJECT_ROOT, FILE);

async function problems(text: string): Promise<string> {
  const found = await checkGitLab(PROJECT_ROOT, { file: FILE, text });
  return found.map(({ line, message }) => `${line} ${message}`).join("\n");
}

it("accepts the template for GitLab", async () => {
  expect(await problems(written)).toBe("");
});

it.each([
  ["an entry that is not there", "bench:compare", "bench:comparison", '"bench:comparison"'],
  ["a flag that is not there", "--base-summary", "--baseline-summary", "--baseline-summary"],
  ["a flag that is not there, in a line that goes on", "--base-reason", "--why", "--why"],
  ["a flag that is not there, in a branch", "--cadence release", "--weekly", "--weekly"],
  ["a required flag that is missing", '--run-id "$CI_PIPELINE_ID-$CI_JOB_ID" --head-sha', "--head-sha", "no --run-id"],
  ["a variable without quotes", '--count "$IMAGES"', "--count $IMAGES", "$IMAGES without"],
  ["a stage that is not there", "stage: measure", "stage: measuring", 'in the stage "measuring"'],
  ["a need that is nobody", "needs: [plan, measure]", "needs: [plan, measured]", '"measured", which is no job'],
  ["a need of a later stage", "needs: [plan]\n", "needs: [judge]\n", "does not run before it"],
  ["a job without an end", "timeout: 4 hours", "dependencies: []", "has no timeout"],
  ["a misspelled key", "resource_group:", "resource-group:", '"resource-group"'],
  ["a job without a script", "  script:\n    - sh -c", "  scripts:\n    - sh -c", "no script"],
  ["what is no YAML", "stages: [plan", "stages: [[plan", "Flow"],
  ["an entry that is not there, before every job", "run setup", "run prepare", '"prepare"'],
  ["a variable without quotes, before every job", '"$FORGEBENCH_URL"', "$FORGEBENCH_URL", "$FORGEBENCH_URL without"],
  ["nothing", written, "stages: [plan]\n", "has no job"],
])("finds %s", async (_, from, to, said) => {
  const text = written.replace(from, to);
  expect(text).not.toBe(written);
  expect(await problems(text)).toContain(said);
});
