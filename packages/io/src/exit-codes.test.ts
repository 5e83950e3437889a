import {
  ArtifactError,
  InterruptedError,
  InvariantError,
  OperationError,
  type OperationFailure,
  UsageError,
} from "@forgebench/errors";
import { describe, expect, it } from "vitest";
import { EXIT, exitCodeOf } from "./exit-codes.ts";

const systemError = (code: string) => Object.assign(new Error(code), { code });
const operation = (failure: OperationFailure) => new OperationError(failure, "x");

describe("exitCodeOf", () => {
  it.each([
    ["a usage error", new UsageError("x"), 64],
    ["an artifact error", new ArtifactError({ path: "f", kind: "k", issues: [] }), 65],
    ["a gate", operation("gate"), 2],
    ["what cannot be judged", operation("unjudged"), 3],
    ["wrong data", operation("data"), 65],
    ["a service", operation("service"), 69],
    ["an output", operation("output"), 73],
    ["an invariant", new InvariantError("x"), 70],
    ["Ctrl-C", new InterruptedError("SIGINT"), 130],
    ["an end from outside", new InterruptedError("SIGTERM"), 143],
    ["a full disk", systemError("ENOSPC"), 73],
    ["a read-only file system", systemError("EROFS"), 73],
    ["another system error", systemError("ENOENT"), 70],
    ["a plain error", new Error("x"), 70],
    ["a text that was thrown", "x", 70],
    ["nothing that was thrown", undefined, 70],
  ])("of %s", (_, error, code) => {
    expect(exitCodeOf(error)).toBe(code);
  });

  it("is never Node's own 1, and every code is used once", () => {
    const codes = Object.values(EXIT);
    expect(new Set(codes).size).toBe(codes.length);
    expect(exitCodeOf(new Error("x"))).not.toBe(EXIT.warning);
  });
});
