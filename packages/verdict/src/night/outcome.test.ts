import { expect, it } from "vitest";
import { gateAnswer, thresholdOutcome } from "./outcome.ts";

it.each([
  { alertCount: 0, incomparableCount: 0, outcome: "green" },
  { alertCount: 1, incomparableCount: 0, outcome: "regression" },
  { alertCount: 0, incomparableCount: 1, outcome: "invalid" },
  { alertCount: 9, incomparableCount: 1, outcome: "invalid" },
])("$alertCount alerts and $incomparableCount incomparable: $outcome", ({ outcome, ...counts }) => {
  expect(thresholdOutcome(counts)).toBe(outcome);
});

it.each([
  ["invalid", "advisory", "unjudged"],
  ["invalid", "strict", "unjudged"],
  ["regression", "advisory", "ok"],
  ["regression", "strict", "gate"],
  ["undecided", "advisory", "ok"],
  ["undecided", "strict", "unjudged"],
  ["green", "advisory", "ok"],
  ["green", "strict", "ok"],
] as const)("%s in %s mode: %s", (outcome, gateMode, answer) => {
  expect(gateAnswer(outcome, gateMode)).toBe(answer);
});
