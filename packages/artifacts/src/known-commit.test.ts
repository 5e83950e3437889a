import { expect, it } from "vitest";
import { contradictedCommit } from "./known-commit.ts";

const [one, other] = ["1".repeat(40), "2".repeat(40)];

it("names the commit that a subject was built from where another one is claimed", () => {
  expect(contradictedCommit({ commit: one }, other)).toBe(one);
  expect(contradictedCommit({ commit: one.slice(0, 12) }, other)).toBe(one.slice(0, 12));
});

it.each<[string, unknown, string | undefined]>([
  ["the same commit", { commit: one }, one],
  ["the beginning of the same commit", { commit: one.slice(0, 7) }, one],
  ["nothing", {}, one],
  ["no subject", undefined, one],
  ["what is no hash", { commit: "main" }, one],
  ["a commit, and none is claimed", { commit: one }, undefined],
])("says nothing where the subject says %s", (_what, subject, claimed) => {
  expect(contradictedCommit(subject, claimed)).toBeUndefined();
});
