import { EXIT, memoryIo } from "@forgebench/io";
import { SCENARIOS } from "@forgebench/rehearsal";
import { expect, it } from "vitest";
import { main } from "./rehearse.ts";

it.each(Object.entries(SCENARIOS))("%s", { timeout: 400_000 }, async (name, { acts }) => {
  const io = memoryIo({ env: process.env });
  expect(await main(["--event", acts[0].event, "--scenario", name], io), io.stderrText()).toBe(EXIT.ok);
  expect(io.stdoutText()).toContain("REHEARSAL=passed");
});
