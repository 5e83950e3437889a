import { describe, expect, it } from "vitest";
import { type Asked, planAnswer, validatorOf } from "./answer-plan.ts";

const whole: Asked = { offsetBytes: 0, validator: undefined, maxBytes: 100, sizeBytes: undefined };
const rest: Asked = { ...whole, offsetBytes: 40, validator: '"v1"' };
const plan = (status: number, headers: Record<string, string>, asked: Asked = whole) =>
  planAnswer({ status, headers }, asked, 0);

describe("the whole", () => {
  it("is taken, with or without a length", () => {
    expect(plan(200, { "content-length": "100" })).toEqual({ kind: "restart", totalBytes: 100, isDelimited: true });
    expect(plan(200, { "transfer-encoding": "chunked" })).toMatchObject({ totalBytes: undefined, isDelimited: true });
    expect(plan(200, {})).toMatchObject({ kind: "restart", totalBytes: undefined, isDelimited: false });
    expect(plan(200, {}, rest)).toMatchObject({ kind: "restart" });
  });

  it("is refused by its head alone", () => {
    expect(plan(200, { "content-length": "101" })).toMatchObject({ kind: "fail", reason: "too-large", again: false });
    const sized = { ...whole, sizeBytes: 50 };
    expect(plan(200, { "content-length": "51" }, sized)).toMatchObject({ reason: "mismatch", again: false });
    expect(plan(200, { "content-length": "50" }, sized)).toMatchObject({ kind: "restart" });
    expect(plan(200, { "content-encoding": "gzip" })).toMatchObject({ reason: "refused", again: false });
    expect(plan(200, { "content-encoding": "Identity" })).toMatchObject({ kind: "restart" });
  });
});

describe("the rest", () => {
  it("is added when it is the rest", () => {
    const taken = { kind: "append", totalBytes: 100, isDelimited: true };
    expect(plan(206, { "content-range": "bytes 40-99/100", "content-length": "60" }, rest)).toEqual(taken);
    expect(plan(206, { "content-range": "bytes 40-99/*" }, rest)).toMatchObject({
      kind: "append",
      totalBytes: undefined,
    });
  });

  it.each([
    ["no range", {}],
    ["several parts", { "content-type": "multipart/byteranges; boundary=x" }],
    ["another start", { "content-range": "bytes 0-99/100" }],
    ["an end before the start", { "content-range": "bytes 40-39/100" }],
    ["an end after the total", { "content-range": "bytes 40-100/100" }],
    ["other units", { "content-range": "items 40-99/100" }],
    ["another length", { "content-range": "bytes 40-99/100", "content-length": "61" }],
    ["another version", { "content-range": "bytes 40-99/100", etag: '"v2"' }],
  ])("is not added with %s", (_, headers) => {
    expect(plan(206, headers, rest)).toMatchObject({ kind: "discard" });
  });

  it("is bounded like the whole", () => {
    expect(plan(206, { "content-range": "bytes 40-199/200" }, rest)).toMatchObject({ reason: "too-large" });
    expect(plan(206, { "content-range": "bytes 0-9/10" })).toMatchObject({ kind: "fail", again: true });
  });

  it("may be nothing", () => {
    expect(plan(416, { "content-range": "bytes */40" }, rest)).toEqual({ kind: "complete" });
    expect(plan(416, { "content-range": "bytes */39" }, rest)).toMatchObject({ kind: "discard" });
    expect(plan(416, {}, rest)).toMatchObject({ kind: "discard" });
    expect(plan(416, { "content-range": "bytes */0" })).toMatchObject({
      kind: "fail",
      reason: "unavailable",
      again: false,
    });
  });
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

it.each([
  ["a strong ETag", { etag: '"a-1"' }, '"a-1"'],
  ["no weak ETag", { etag: 'W/"a"' }, undefined],
  ["no ETag without quotes", { etag: "a" }, undefined],
  [
    "an old date",
    { "last-modified": "Sun, 15 Feb 2026 00:00:00 GMT", date: "Sun, 15 Feb 2026 00:01:00 GMT" },
    "Sun, 15 Feb 2026 00:00:00 GMT",
  ],
  [
    "no date of just now",
    { "last-modified": "Sun, 15 Feb 2026 00:00:00 GMT", date: "Sun, 15 Feb 2026 00:00:01 GMT" },
    undefined,
  ],
  ["no date alone", { "last-modified": "Sun, 15 Feb 2026 00:00:00 GMT" }, undefined],
])("validates by %s", (_, headers: Record<string, string>, expected) => {
  expect(validatorOf({ status: 200, headers })).toBe(expected);
});
