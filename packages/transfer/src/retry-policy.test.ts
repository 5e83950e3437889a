import { expect, it } from "vitest";
import { isWorthRepeating, retryAfterMs, toldWaitMs } from "./retry-policy.ts";

it("repeats what may pass", () => {
  const repeated = Array.from({ length: 500 }, (_, index) => 100 + index).filter(isWorthRepeating);
  expect(repeated.slice(0, 3)).toEqual([408, 425, 429]);
  expect(repeated.slice(3)).toEqual(Array.from({ length: 100 }, (_, index) => 500 + index));
});

it.each([
  [{ "retry-after": "3", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1771113660" }, 3000],
  [{ "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1771113660" }, 61_000],
  [{ "x-ratelimit-remaining": "0", "x-ratelimit-reset": 1_771_113_660, date: "Sun, 15 Feb 2026 00:00:50 GMT" }, 11_000],
  [{ "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1" }, 1000],
  [{ "x-ratelimit-remaining": "9", "x-ratelimit-reset": "1771113660" }, undefined],
  [{ "x-ratelimit-remaining": "0" }, undefined],
  [{}, undefined],
])("is told by %j to wait %j", (headers, expected) => {
  expect(toldWaitMs(headers, Date.parse("2026-02-15T00:00:00Z"))).toBe(expected);
});

it.each([
  [undefined, undefined],
  ["3", 3000],
  [" 0 ", 0],
  ["Sun, 15 Feb 2026 00:00:10 GMT", 10_000],
  ["Sunday, 15-Feb-26 00:00:10 GMT", 10_000],
  ["Sat, 14 Feb 2026 00:00:10 GMT", 0],
  ["-3", undefined],
  ["soon", undefined],
  ["1.5", undefined],
  ["", undefined],
])("reads Retry-After %j as %j", (header, expected) => {
  expect(retryAfterMs(header, Date.parse("2026-02-15T00:00:00Z"))).toBe(expected);
});
