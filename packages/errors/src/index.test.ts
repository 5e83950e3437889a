import { describe, expect, it } from "vitest";
import {
  ArtifactError,
  codeOf,
  InterruptedError,
  InvariantError,
  messageOf,
  OperationError,
  UsageError,
} from "./index.ts";

describe("errors", () => {
  it("carry their name, and are told apart without their class", () => {
    const errors = [
      new UsageError("x"),
      new ArtifactError({ path: "f", kind: "k", issues: [] }),
      new OperationError("data", "x"),
      new InvariantError("x"),
      new InterruptedError("SIGINT"),
    ];
    expect(errors.map(({ name }) => name)).toEqual([
      "UsageError",
      "ArtifactError",
      "OperationError",
      "InvariantError",
      "InterruptedError",
    ]);
    expect(errors.every((error) => error instanceof Error)).toBe(true);
  });

  it("of artifacts name action, kind, file and each issue", () => {
    const error = new ArtifactError({
      path: "a/b.json",
      kind: "summary",
      action: "Cannot compare",
      issues: [
        { path: "version", message: "found nothing" },
        { path: "", message: "is old" },
      ],
      details: [{ label: "try", text: "again" }],
    });
    expect(error.message).toBe('Cannot compare summary "a/b.json": version: found nothing');
    expect(error.details).toEqual([
      { label: "also", text: "is old" },
      { label: "try", text: "again" },
    ]);
    expect(new ArtifactError({ path: "f", kind: "k", issues: [] }).message).toBe('Cannot read k "f": unusable');
  });

  it("of operations keep their cause", () => {
    const cause = new Error("disk");
    expect(new OperationError("output", "x", { cause }).cause).toBe(cause);
    expect("cause" in new OperationError("output", "x")).toBe(false);
  });
});

it("messageOf and codeOf read anything that was thrown", () => {
  expect(["text", undefined, null, 3, new Error("m")].map(messageOf)).toEqual(["text", "undefined", "null", "3", "m"]);
  const thrown = [Object.assign(new Error("x"), { code: "ENOENT" }), { code: 3 }, {}, null, "x"];
  expect(thrown.map(codeOf)).toEqual(["ENOENT", undefined, undefined, undefined, undefined]);
});
