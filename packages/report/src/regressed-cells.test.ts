import { buildEvidenceComparison } from "@forgebench/artifacts/testing";
import { expect, it } from "vitest";
import { regressedCells } from "./regressed-cells.ts";

const red = { verdict: "regressed" } as const;

it("names the cells that gate first, the worst first, and the first of them that can be searched", () => {
  const found = regressedCells(
    buildEvidenceComparison({
      "P1/a/cold/output_bytes": { verdict: "changed", isAlert: true, changePct: 90, gating: true },
      "P1/a/cold/throughput": { ...red, changePct: -80, isAlert: true, gating: true },
      "P1/a/cold/peak_memory": { ...red, changePct: 70 },
      "P1/a/warm/wall": { ...red, changePct: 7 },
      "P2/a/warm/wall": { ...red, changePct: 9 },
      "P1/a/cold/wall": {},
      "P3/a/cold/wall": { ...red, changePct: 1 },
    }),
  );
  expect(found).toEqual({
    ids: [
      ...["P1/a/cold/output_bytes", "P1/a/cold/throughput", "P2/a/warm/wall", "P1/a/warm/wall"],
      "P1/a/cold/peak_memory",
    ],
    searchable: "P2/a/warm/wall",
    unnamedCount: 0,
  });
});

it("has nothing to search where only exact metrics changed, and names nothing of a night that is not believed", () => {
  const changed = { "P1/a/cold/output_bytes": { verdict: "changed", isAlert: true, gating: true } } as const;
  const exact = buildEvidenceComparison(changed);
  expect(regressedCells(exact)).toEqual({ ids: ["P1/a/cold/output_bytes"], searchable: undefined, unnamedCount: 0 });
  const { outcome: _, ...unknown } = buildEvidenceComparison({ "P1/a/cold/wall": red });
  for (const night of [{ ...unknown, outcome: "invalid" as const }, unknown]) {
    expect(regressedCells(night)).toEqual({ ids: [], searchable: undefined, unnamedCount: 0 });
  }
});

it.each([
  "control/null",
  "P1/a/cold/wall,x",
  "P1/a/cold/wall\nOUTCOME=green",
  "--x/a/cold/wall",
  "P1/../cold/wall",
  `P1/${"a".repeat(300)}/cold/wall`,
])("does not name %j", (id) => {
  const night = buildEvidenceComparison({ "P1/a/cold/wall": { ...red, id } });
  expect(regressedCells(night)).toEqual({ ids: [], searchable: undefined, unnamedCount: 1 });
});
