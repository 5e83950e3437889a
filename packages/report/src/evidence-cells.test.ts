import { buildComparedCell, buildEvidenceComparison, passedControls } from "@forgebench/artifacts/testing";
import { describe, expect, it } from "vitest";
import { groupCells, groupUnjudged, groupWarnings, worstFirst } from "./evidence-cells.ts";

const ids = (cells: readonly { readonly id: string }[]) => cells.map(({ id }) => id);

describe("groupCells", () => {
  it("puts the worst first, whichever direction is bad, and what has no change last", () => {
    const alert = { verdict: "regressed", isAlert: true, gating: true } as const;
    const groups = groupCells(
      buildEvidenceComparison({
        "P1/a/cold/wall": { ...alert, changePct: 5 },
        "P1/a/cold/cpu": { ...alert, changePct: null },
        "P1/a/cold/throughput": { ...alert, changePct: -30 },
        "P1/a/warm/wall": { ...alert, changePct: 7 },
      }),
    );
    expect(ids(groups.alerts)).toEqual(["P1/a/cold/throughput", "P1/a/warm/wall", "P1/a/cold/wall", "P1/a/cold/cpu"]);
  });

  it("puts an alert of a cell that gates before larger ones of cells that do not", () => {
    const comparison = buildEvidenceComparison({
      "P1/a/cold/cpu": { verdict: "regressed", changePct: 30 },
      "P1/a/cold/wall": { verdict: "regressed", changePct: 7 },
    });
    expect(ids(groupCells(comparison).alerts)).toEqual(["P1/a/cold/wall", "P1/a/cold/cpu"]);
  });

  it("puts each cell into one list, the best improvement first, the same ones in their own order", () => {
    const comparison = buildEvidenceComparison({
      "P1/a/cold/wall": { changePct: -1 },
      "P1/a/warm/wall": { changePct: 1 },
      "P1/b/cold/wall": { verdict: "improved", changePct: -3 },
      "P1/b/warm/wall": { verdict: "improved", changePct: -9 },
      "P1/c/cold/wall": { verdict: "changed", isAlert: true },
      "P1/c/warm/wall": { verdict: "incomparable" },
      "P1/d/cold/wall": { verdict: "regressed", changePct: 1 },
      "P1/d/warm/wall": { verdict: "undecided", gating: false },
      "P1/e/cold/wall": { verdict: "undecided" },
    });
    expect(ids(worstFirst(groupCells(comparison)))).toEqual(
      ["c/cold", "d/cold", "c/warm", "e/cold", "d/warm", "b/warm", "b/cold", "a/cold", "a/warm"].map(
        (name) => `P1/${name}/wall`,
      ),
    );
  });

  it("keeps regressions of scenarios that do not gate apart from those that are too small", () => {
    const quiet = { verdict: "regressed", isAlert: false, severity: null } as const;
    const groups = groupCells(
      buildEvidenceComparison({
        "P1/a/cold/wall": { ...quiet, changePct: 1 },
        "P1/a/cold/cpu": { ...quiet, changePct: 1.5 },
        "P1/b/cold/wall": { ...quiet, changePct: 20, family: "secondary" },
        "P1/b/cold/cpu": { ...quiet, changePct: 30 },
      }),
    );
    expect(ids(groups.belowLeastEffect)).toEqual(["P1/a/cold/cpu", "P1/a/cold/wall"]);
    expect(ids(groups.regressedUngated)).toEqual(["P1/b/cold/cpu", "P1/b/cold/wall"]);
    expect(groups.alerts).toEqual([]);
  });

  it("leaves out the controls", () => {
    const cells = [buildComparedCell("P1/a/cold/wall"), ...passedControls.controls.map(({ cell }) => cell)];
    expect(ids(groupCells(buildEvidenceComparison({}, { cells })).all)).toEqual(["P1/a/cold/wall"]);
  });
});

describe("groupWarnings", () => {
  const warning = { code: "outliers", message: "of base", remedy: "wait" } as const;
  const other = { code: "bimodal", message: "two groups", remedy: "look" } as const;

  it("names each cell once, controls too, and begins with the whole comparison and the most frequent", () => {
    const [control] = passedControls.controls;
    if (control === undefined) throw new Error("no control was built");
    const comparison = buildEvidenceComparison(
      {
        "P1/a/cold/wall": { changePct: 9, warnings: [other] },
        "P1/a/warm/wall": { warnings: [warning, { ...warning, message: "of head" }] },
      },
      {
        warnings: [{ code: "same-subject", message: "m", remedy: "r" }],
        controls: { ...passedControls, controls: [{ ...control, cell: { ...control.cell, warnings: [warning] } }] },
      },
    );
    expect(groupWarnings(comparison, groupCells(comparison))).toEqual([
      { code: "same-subject", message: "m", remedy: "r", cells: [], isExample: false },
      { ...warning, cells: ["P1/a/warm/wall", "control/null"], isExample: true },
      { ...other, cells: ["P1/a/cold/wall"], isExample: false },
    ]);
  });
});

describe("groupUnjudged", () => {
  const entry = { reason: "different-dataset", message: "the datasets differ", remedy: "measure on one" } as const;

  it("takes reason and remedy from the cell, then from its pair, then from the whole comparison", () => {
    const cell = { verdict: "incomparable" } as const;
    const comparison = buildEvidenceComparison(
      {
        "P1/a/cold/wall": { ...cell, reason: "runs failed" },
        "P1/a/warm/wall": cell,
        "P1/b/cold/wall": { ...cell, reason: "runs failed", remedy: "mend it" },
      },
      { incomparable: [{ ...entry, profileId: "P1", scenario: "a" }] },
    );
    expect(groupUnjudged(comparison, groupCells(comparison))).toEqual([
      { names: ["P1/a"], reason: "the datasets differ", remedy: "measure on one" },
      { names: ["P1/a/cold/wall"], reason: "runs failed", remedy: "measure on one" },
      { names: ["P1/b/cold/wall"], reason: "runs failed", remedy: "mend it" },
    ]);
    const whole = { ...comparison, incomparable: [{ ...entry, profileId: "", scenario: "" }] };
    expect(groupUnjudged(whole, groupCells(whole))[0]).toMatchObject({ names: [], reason: "the datasets differ" });
    const bare = { ...comparison, incomparable: [] };
    expect(groupUnjudged(bare, groupCells(bare)).map(({ reason }) => reason)).toContain("no reason is recorded");
  });
});
