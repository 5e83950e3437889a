import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { readWorkflow } from "../workflow.ts";
import { SCENARIOS } from "./scenarios.ts";

const root = fileURLToPath(new URL("../../../../", import.meta.url));

it.each(Object.entries(SCENARIOS))("%s speaks of jobs and inputs that the workflow has", async (_, scenario) => {
  const text = await readFile(path.join(root, scenario.workflow), "utf8");
  const workflow = await readWorkflow(scenario.workflow, text);
  const jobs = workflow.jobs.map(({ id }) => id);
  expect(Object.keys(scenario.results).filter((id) => !jobs.includes(id))).toEqual([]);
  expect(Object.keys(scenario.inputs ?? {}).filter((name) => !text.includes(`\n      ${name}:\n`))).toEqual([]);
});
