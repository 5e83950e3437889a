import { UsageError } from "@forgebench/errors";
import { describe, expect, it } from "vitest";
import { cellId, selectCells } from "./cells.ts";
import { makeSuite } from "./test-helpers.ts";

const suite = makeSuite();
const ids = (...parameters: Parameters<typeof selectCells>) => selectCells(...parameters).map(cellId);

describe("selectCells", () => {
  it("takes all of the suite, in its order", () => {
    expect(ids(suite, {})).toEqual([
      "P1/one/cold",
      "P1/one/warm",
      "P1/all/cold",
      "P1/all/warm",
      "P2/one/cold",
      "P2/one/warm",
      "P2/all/cold",
      "P2/all/warm",
    ]);
  });

  it("takes what was chosen, in the order of the suite", () => {
    expect(ids(suite, { profiles: ["P2"], scenarios: ["all", "one"] })).toEqual([
      "P2/one/cold",
      "P2/one/warm",
      "P2/all/cold",
      "P2/all/warm",
    ]);
    expect(ids(suite, { cells: ["P2/all/warm/wall", "P1/one/cold"] })).toEqual(["P1/one/cold", "P2/all/warm"]);
  });

  it("leaves out phases that a scenario does not have", () => {
    const coldOnly = makeSuite({ scenarios: [{ name: "one", files: "small", phases: ["cold"] }] });
    expect(ids(coldOnly, { profiles: ["P1"] })).toEqual(["P1/one/cold"]);
  });

  it.each([
    [{ profiles: ["P1", "P9"] }, '--profiles: "P9" is not in the suite'],
    [{ scenarios: ["two"] }, '--scenarios: "two" is not in the suite'],
    [{ cells: ["P1/one"] }, '--cell: "P1/one" is not one of the chosen cells'],
    [{ cells: ["P1/one/hot"] }, '--cell: "P1/one/hot" is not one of the chosen cells'],
    [{ cells: ["P1/one/cold/wall/x"] }, '--cell: "P1/one/cold/wall/x" is not one of the chosen cells'],
    [{ cells: ["P1/one/cold/memory"] }, '--cell: "memory" is not in the suite'],
    [{ profiles: ["P1"], cells: ["P2/one/cold"] }, '--cell: "P2/one/cold" is not one of the chosen cells'],
  ])("refuses %j", (choice, message) => {
    expect(() => selectCells(suite, choice)).toThrow(message);
    expect(() => selectCells(suite, choice)).toThrow(UsageError);
  });

  it("names the nearest cell and the phases of each scenario where a cell is unknown", () => {
    const wrong = { cells: ["P1/one/wram/wall"] };
    expect(() => selectCells(suite, wrong)).toThrow(
      expect.objectContaining({
        details: expect.arrayContaining([
          { label: "meant", text: "P1/one/warm/wall?" },
          { label: "scenarios", text: "one (cold, warm), all (cold, warm)" },
        ]),
      }),
    );
  });
});
