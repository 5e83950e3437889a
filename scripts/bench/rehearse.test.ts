import { EXIT, memoryIo } from "@forgebench/io";
import { SCENARIOS } from "@forgebench/rehearsal";
import { expect, it } from "vitest";
import { main } from "./rehearse.ts";

// Each takes one to three minutes, so that only FORGEBENCH_FULL_REHEARSAL=1 runs all of them; CI rehearses the green night.
const isFull = process.env.FORGEBENCH_FULL_REHEARSAL === "1";

it.skipIf(!isFull).each(Object.entries(SCENARIOS))(
  "%s, only with FORGEBENCH_FULL_REHEARSAL=1",
  { timeout: 400_000 },
  async (name, { event }) => {
    const io = memoryIo({ env: process.env });
    expect(await main(["--event", event, "--scenario", name], io), io.stderrText()).toBe(EXIT.ok);
    expect(io.stdoutText()).toContain("REHEARSAL=passed");
  },
);
