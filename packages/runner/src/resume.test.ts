import { UsageError } from "@forgebench/errors";
import { describe, expect, it } from "vitest";
import { assertSameContext } from "./resume.ts";
import { makeContext } from "./test-helpers.ts";

const context = makeContext();

describe("assertSameContext", () => {
  it("takes the same context, made at another time by another version", () => {
    expect(() =>
      assertSameContext(context, { ...context, generatedAt: "2027-01-01T00:00:00Z", toolVersion: "9" }),
    ).not.toThrow();
  });

  it.each([
    [{ runCount: 5 }, "Cannot resume: --run-count was 4 and is now 5"],
    [{ orderSeed: "other" }, 'Cannot resume: --seed was "seed" and is now "other"'],
    [{ suite: { name: "small", sha256: "6".repeat(64) } }, /the suite was "5+" and is now "6+"/],
    [{ dataset: { ...context.dataset, sha256: "0".repeat(64) } }, /the dataset was "d+"/],
    [{ machine: { ...context.machine, id: "0".repeat(64) } }, /the machine was "a+"/],
    [{ subjects: { head: { ...context.subjects.head, id: "0".repeat(64) } } }, /the build of --cli-path was "b+"/],
    [{ subjects: { head: context.subjects.head } }, /the build of --base-cli-path was "c+" and is now "none"/],
    [{ profiles: ["P2"] }, /the cells .* was \[\["P1"\]/],
    [{ slots: { mode: "in-place" as const } }, /the way the builds are placed was undefined and is now "in-place"/],
    [{ meter: "none" as const }, /the way CPU time and memory are found out was undefined and is now "none"/],
    [{ timeoutMs: 5000 }, /--timeout-seconds was undefined and is now 5/],
  ])("refuses %j", (changes, message) => {
    expect(() => assertSameContext(context, { ...context, ...changes })).toThrow(message);
    expect(() => assertSameContext(context, { ...context, ...changes })).toThrow(UsageError);
  });
});
