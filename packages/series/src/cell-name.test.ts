import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  cellName,
  cellOfRun,
  controlName,
  pairName,
  pipelineCellName,
  readControlName,
  readPipelineCell,
  readSeriesName,
  seriesName,
} from "./cell-name.ts";

const word = fc.stringMatching(/^[A-Za-z0-9][\w.-]{0,8}$/);

describe("the name of a cell", () => {
  it.each([
    [{ benchmark: "Decode" }, "Decode"],
    [{ benchmark: "Decode", params: { size: "1k", codec: "webp" } }, "Decode/size=1k/codec=webp"],
    [{ benchmark: "P1/batch-all", params: {}, phase: "warm" }, "P1/batch-all/warm"],
    [{ benchmark: "api", params: { users: "5" }, phase: "steady" }, "api/users=5/steady"],
  ])("of %j is %s", (identity, name) => {
    expect(cellName(identity)).toBe(name);
  });

  it("of a pipeline has its parts, and is that of any source with the pair as its benchmark", () => {
    fc.assert(
      fc.property(word, word, word, (profileId, scenario, phase) => {
        const cell = { profileId, scenario, phase };
        expect(readPipelineCell(pipelineCellName(cell))).toEqual(cell);
        expect(cellName({ benchmark: pairName(cell), phase })).toBe(pipelineCellName(cell));
        expect(cellOfRun(cell)).toBe(pipelineCellName(cell));
      }),
    );
  });

  it("that is cut short has empty parts", () => {
    expect(readPipelineCell("P1")).toEqual({ profileId: "P1", scenario: "", phase: "" });
    expect(readPipelineCell("")).toEqual({ profileId: "", scenario: "", phase: "" });
  });
});

describe("the name of a series", () => {
  it("ends with the metric, whatever the cell holds", () => {
    expect(readSeriesName(seriesName("a/b=c/d", "wall"))).toEqual({ cell: "a/b=c/d", metric: "wall" });
    expect(readSeriesName("wall")).toEqual({ cell: "", metric: "wall" });
  });
});

describe("the name of a control", () => {
  it("says its shard, but for the first", () => {
    expect([controlName("null"), controlName("null", 1), controlName("null", 2)]).toEqual([
      "control/null",
      "control/null",
      "control/null@2",
    ]);
  });

  it.each([
    ["control/null", "null"],
    ["control/planted-5@12", "planted-5"],
    ["P1/one/warm", undefined],
    ["control/one/warm", undefined],
    ["control", undefined],
  ])("%s is of %s", (name, control) => {
    expect(readControlName(name)).toBe(control);
  });

  it("is that of its runs, whatever they run on", () => {
    const run = { profileId: "P1", scenario: "one", phase: "warm", control: "null" };
    expect(cellOfRun(run)).toBe("control/null");
  });
});
