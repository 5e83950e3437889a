import type { ComparedCell, Comparison, ControlsResult } from "@forgebench/artifacts";
import { buildComparison, buildEvidenceComparison, passedControls } from "@forgebench/artifacts/testing";
import { describe, expect, it } from "vitest";
import { unjudgedReasons } from "./unjudged-reasons.ts";

const gone = { verdict: "incomparable", reason: "base has no valid run", remedy: "look at its stderr" } as const;
const side = { profileId: "", scenario: "", reason: "different-dataset" } as const;
const otherData = { ...side, message: "the datasets differ", remedy: "measure both on one" };

function controlsOf(status: ControlsResult["status"], verdict: ComparedCell["verdict"], remedy?: string) {
  const controls = passedControls.controls.map((control) => ({
    ...control,
    passed: control.plantedPct === 0,
    cell: { ...control.cell, verdict, ...(remedy === undefined ? {} : { remedy }) },
  }));
  return { status, reason: "control/planted-5 was not found.", controls };
}

const ruined = buildEvidenceComparison(
  { "P1/a/cold/wall": gone, "P1/a/warm/wall": gone, "P1/a/cold/cpu": { ...gone, reason: "no CPU time is known" } },
  { incomparable: [otherData], controls: controlsOf("missed", "undecided") },
);
const ofCells = {
  message: "P1/a/cold/wall, P1/a/warm/wall: base has no valid run",
  remedy: "look at its stderr",
};
const ofPlanted = {
  message: "Planted slowdown missed: control/planted-5 was not found",
  remedy: "continue with bench:run --resume, or measure on a quieter machine",
};

describe("why a comparison could not be judged", () => {
  it("names what made the outcome, in the order in which it is decided, and nothing that does not gate", () => {
    expect(unjudgedReasons(ruined)).toEqual([
      { message: "the datasets differ", remedy: "measure both on one" },
      ofPlanted,
    ]);
    expect(unjudgedReasons({ ...ruined, incomparable: [] })).toEqual([ofCells, ofPlanted]);
    const red = unjudgedReasons({ ...ruined, incomparable: [], controls: controlsOf("red", "regressed") });
    expect(red.map(({ message }) => message.split(":")[0])).toEqual([
      "Null check red",
      "P1/a/cold/wall, P1/a/warm/wall",
    ]);
    expect(red[0]?.remedy).toContain("do not use any verdict");
  });

  it("takes the remedy of a control that could not be judged", () => {
    const controls = controlsOf("missed", "incomparable", "look at stderr of the control");
    const comparison = buildEvidenceComparison({ "P1/a/cold/wall": {} }, { outcome: "invalid", controls });
    expect(unjudgedReasons(comparison)).toEqual([{ ...ofPlanted, remedy: "look at stderr of the control" }]);
  });

  it("takes what ended the blocks of a planted slowdown that was missed, not the cap where the time was over", () => {
    const remedyWith = (sampling: Comparison["sampling"]) => unjudgedReasons({ ...ruined, sampling })[1]?.remedy;
    expect(remedyWith({ mode: "evidence", maxBlocks: 60, timeBudgetMinutes: 2 })).toMatch(
      /^continue .*--time-budget-minutes/,
    );
    expect(remedyWith({ mode: "evidence", maxBlocks: 18 })).toMatch(
      /^continue with bench:run --resume and a larger --max-blocks$/,
    );
  });

  it("says that nothing gates", () => {
    const messages = (comparison: Comparison) => unjudgedReasons(comparison).map(({ message }) => message);
    expect(messages(buildEvidenceComparison({}))).toEqual(["there is no cell to judge"]);
    const ungated = buildEvidenceComparison({ "P1/a/cold/cpu": {} }, { outcome: "invalid" });
    expect(messages(ungated)).toEqual(["no cell that gates was measured"]);
  });

  it("says nothing of a comparison that was judged", () => {
    const alert = { "P1/a/cold/wall": { verdict: "regressed" }, "P1/a/cold/cpu": gone } as const;
    expect(unjudgedReasons(buildEvidenceComparison(alert, { controls: ruined.controls }))).toEqual([]);
    expect(unjudgedReasons(buildComparison({ "P1/a": {} }))).toEqual([]);
  });

  it("names at most five reasons, escaped, by either policy", () => {
    const evil = "x\u001b[31m\n::error::y";
    const entries = Array.from({ length: 9 }, (_, index) => ({
      ...side,
      reason: "missing-in-head" as const,
      profileId: `P${index}`,
      scenario: "a",
      message: `${evil} ${index}`,
      remedy: evil,
    }));
    const cells = Object.fromEntries(
      entries.map(({ message }, index) => [`P${index}/a/cold/wall`, { ...gone, reason: message, remedy: evil }]),
    );
    for (const comparison of [buildComparison({}, { incomparable: entries }), buildEvidenceComparison(cells)]) {
      const reasons = unjudgedReasons(comparison);
      expect(reasons).toHaveLength(6);
      expect(reasons.at(-1)).toEqual({ message: "4 further reasons", remedy: "read them in the report" });
      for (const { message, remedy } of reasons) expect(`${message}${remedy}`).not.toMatch(/\p{Cc}|^::/u);
    }
  });
});
