/** @module-tag slow */
import { EXIT, memoryIo } from "@forgebench/io";
import { SCENARIOS } from "@forgebench/rehearsal";
import { expect, it } from "vitest";
import { main } from "./rehearse.ts";

// Each takes one to two minutes: on every machine those that make up the common ways of a run, and on a machine each, in the
// job "rehearse" of ci.yml, all of them. FORGEBENCH_FULL_REHEARSAL=1 plays all of them here.
const COMMON = ["green", "regression", "invalid", "pull-request", "publish", "dataset-release"];
const isFull = process.env.FORGEBENCH_FULL_REHEARSAL === "1";
const played = Object.keys(SCENARIOS).filter((name) => isFull || COMMON.includes(name));

it.each(played)("%s", async (name) => {
  const io = memoryIo({ env: process.env });
  expect(await main(["--scenario", name], io), io.stderrText()).toBe(EXIT.ok);
  expect(io.stdoutText()).toContain("REHEARSAL=passed");
});
