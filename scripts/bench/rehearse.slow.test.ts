/** @module-tag slow */
import { EXIT, memoryIo } from "@forgebench/io";
import { SCENARIOS } from "@forgebench/rehearsal";
import { expect, it } from "vitest";
import { main } from "./rehearse.ts";

// On every machine each workflow once, and on a machine each, in the job "rehearse" of ci.yml, all of them. What else may come
// of a night, a regression with its search first, the rules for outcomes and the tests of the scripts check. FORGEBENCH_FULL_REHEARSAL=1 plays all of them here.
const COMMON = ["green", "pull-request", "dataset-release"];
const isFull = process.env.FORGEBENCH_FULL_REHEARSAL === "1";
const played = Object.keys(SCENARIOS).filter((name) => isFull || COMMON.includes(name));

// Two at a time: a part of each is waiting.
it.concurrent.each(played)("%s", { timeout: 1_800_000 }, async (name) => {
  const io = memoryIo({ env: process.env });
  expect(await main(["--scenario", name], io), io.stderrText()).toBe(EXIT.ok);
  expect(io.stdoutText()).toContain("REHEARSAL=passed");
});
