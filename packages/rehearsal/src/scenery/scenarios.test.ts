import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { readWorkflow } from "../workflow.ts";
import { SCENARIOS } from "./scenarios.ts";

const root = fileURLToPath(new URL("../../../../", import.meta.url));

it.each(Object.entries(SCENARIOS))("%s speaks of jobs and inputs that its workflows have", async (_, { acts }) => {
  for (const act of acts) {
    const text = await readFile(path.join(root, act.workflow), "utf8");
    const workflow = await readWorkflow(act.workflow, text);
    const jobs = workflow.jobs.map(({ id }) => id);
    expect(Object.keys(act.results).filter((id) => !jobs.includes(id))).toEqual([]);
    expect(Object.keys(act.inputs ?? {}).filter((name) => !text.includes(`\n      ${name}:\n`))).toEqual([]);
    if (act.schedule !== undefined) expect(text).toContain(`- cron: "${act.schedule}"`);
  }
});
