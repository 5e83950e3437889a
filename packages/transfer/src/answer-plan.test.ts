import { describe, expect, it } from "vitest";
import { type Limits, planAnswer } from "./answer-plan.ts";

const limits: Limits = { maxBytes: 100 };
const plan = (status: number, headers: Record<string, string>, within: Limits = limits) =>
  planAnswer({ status, headers }, within, 0);

describe("the whole", () => {
  it("is taken, with or without a length", () => {
    expect(plan(200, { "content-length": "100" })).toEqual({ kind: "take", totalBytes: 100, isDelimited: true });
    expect(plan(200, { "transfer-encoding": "chunked" })).toMatchObject({ totalBytes: undefined, isDelimited: true });
    expect(plan(200, {})).toMatchObject({ kind: "take", totalBytes: undefined, isDelimited: false });
  });

  it("is refused by its head alone", () => {
    expect(plan(200, { "content-length": "101" })).toMatchObject({ kind: "fail", reason: "too-large", again: false });
    const sized = { ...limits, sizeBytes: 50 };
    expect(plan(200, { "content-length": "51" }, sized)).toMatchObject({ reason: "mismatch", again: false });
    expect(plan(200, { "content-length": "50" }, sized)).toMatchObject({ kind: "take" });
    expect(plan(200, { "content-encoding": "gzip" })).toMatchObject({ reason: "refused", again: false });
    expect(plan(200, { "content-encoding": "Identity" })).toMatchObject({ kind: "take" });
  });
});

it("does not take a part, nor an answer about one", () => {
  expect(plan(206, { "content-range": "bytes 0-9/10" })).toMatchObject({ reason: "unavailable", again: true });
  expect(plan(416, { "content-range": "bytes */0" })).toMatchObject({ reason: "unavailable", again: false });
});

it.each([
  [404, "missing", false],
  [410, "missing", false],
  [400, "unavailable", false],
  [401, "forbidden", false],
  [403, "unavailable", true],
  [204, "unavailable", false],
  [304, "unavailable", false],
  [429, "unavailable", true],
  [503, "unavailable", true],
])("takes %i for %s", (status, reason, again) => {
  expect(plan(status, { "retry-after": "2" })).toMatchObject({ kind: "fail", reason, again });
});

it("takes a 403 that names no time to wait for the last word", () => {
  expect(plan(403, {})).toMatchObject({ kind: "fail", reason: "forbidden", again: false });
});

it("waits for GitHub's limit of an hour", () => {
  const limit = { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "9000000000" };
  expect(plan(403, limit)).toMatchObject({ kind: "fail", reason: "unavailable", again: true });
});

it("hands on what Retry-After asks for", () => {
  expect(plan(503, { "retry-after": "2" })).toMatchObject({ retryAfterMs: 2000 });
});
