import { UsageError } from "@forgebench/errors";
import { describe, expect, it } from "vitest";
import { creationDate } from "./creation-date.ts";

describe("creationDate", () => {
  it.each([
    ["0.0.0-dev", "2026-01-01T00:00:00.000Z"],
    ["1.2.3", "2026-01-12T14:20:03.000Z"],
    ["1.2.3-rc.1", "2026-01-12T14:20:03.000Z"],
    ["0.0.99999999999999999999999", "2026-01-01T00:16:39.000Z"],
  ])("of version %s", (version, expected) => {
    expect(creationDate(version, undefined).toISOString()).toBe(expected);
    expect(creationDate(version, "").toISOString()).toBe(expected);
  });

  it("is SOURCE_DATE_EPOCH where that is set", () => {
    expect(creationDate("1.2.3", "1700000000").toISOString()).toBe("2023-11-14T22:13:20.000Z");
  });

  it.each(["yesterday", "-1", "1.5", "99999999999"])("refuses %s", (text) => {
    expect(() => creationDate("1.2.3", text)).toThrow(UsageError);
    expect(() => creationDate("1.2.3", text)).toThrow(`SOURCE_DATE_EPOCH: "${text}" is not a time`);
  });
});
