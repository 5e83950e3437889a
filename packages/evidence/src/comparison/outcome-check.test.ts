import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type Comparison, checkArtifact, comparison, parseArtifact, verdictKinds } from "@forgebench/artifacts";
import { buildComparison, buildEvidenceComparison, passedControls } from "@forgebench/artifacts/testing";
import { evidenceOutcome } from "@forgebench/verdict";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assertOutcomeFollows, findContradiction } from "./outcome-check.ts";

const said = (outcome: Comparison["outcome"], made: Comparison) => findContradiction({ ...made, outcome });
const cell = (number: number) => `P1/s${number}/cold/wall`;

describe("an outcome that contradicts its comparison", () => {
  const regressed = { verdict: "regressed", changePct: 64 } as const;
  const three = buildEvidenceComparison({ [cell(1)]: regressed, [cell(2)]: regressed, [cell(3)]: regressed });
  const noAlert = { [cell(1)]: { ...regressed, isAlert: false }, [cell(2)]: {} };
  const red = { ...passedControls, status: "red" } as const;
  const pairs = buildComparison({ "P1/a": { headMs: 900, alerts: ["cold"] } });
  it.each<[string, Comparison["outcome"], Comparison, string]>([
    ["green without a cell", "green", buildEvidenceComparison({}), 'it is "invalid" by its 0 cells'],
    [
      "green with regressed cells that gate",
      "green",
      three,
      'it is "regression" by its 3 cells (3 gating, 3 regressed), 3 alerts',
    ],
    [
      "green with them, and no alert",
      "green",
      buildEvidenceComparison(noAlert),
      'it is "undecided" by its 2 cells (2 gating, 1 regressed, 1 same), 0 alerts',
    ],
    [
      "green with cells that do not gate alone",
      "green",
      buildEvidenceComparison({ "P1/a/cold/cpu": {} }),
      'it is "invalid" by its 1 cell (0 gating), 0 alerts',
    ],
    [
      "green with red controls",
      "green",
      buildEvidenceComparison({ [cell(1)]: {} }, { controls: red }),
      'it is "invalid" by its 1 cell (1 gating, 1 same), 0 alerts, controls that are red',
    ],
    [
      "a regression without an alert",
      "regression",
      buildEvidenceComparison({ [cell(1)]: {} }),
      'it is "green" by its 1 cell',
    ],
    ["green pairs with an alert", "green", pairs, 'it is "regression" by its 1 judged pair, 1 alert'],
    ["green without a pair", "green", buildComparison({}), 'it is "invalid" by its 0 judged pairs'],
    [
      "green with a pair that was not judged",
      "green",
      buildComparison({ "P1/a": { headMs: null } }),
      'it is "invalid" by its 0 judged pairs',
    ],
    [
      "regressed pairs without an alert",
      "regression",
      buildComparison({ "P1/a": {} }),
      'it is "green" by its 1 judged pair, 0 alerts',
    ],
  ])("is found: %s", (_what, outcome, made, message) => {
    expect(said(outcome, made)).toContain(`says "${outcome}", but ${message}`);
  });

  it("is refused with its file, exit 65", () => {
    expect(() => assertOutcomeFollows({ ...three, outcome: "green" }, "compare.json")).toThrow(
      /^Cannot trust comparison "compare\.json": outcome: says "green", but it is "regression"/,
    );
    expect(() => assertOutcomeFollows(three, "compare.json")).not.toThrow();
  });
});

/** Situations whose comparison is spoilt. */
const SPOILT = ["truncated-json", "outcome-flipped", "green-with-regressed-cells", "regression-without-alert"];

async function comparisonsIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true });
  const files = entries.filter((entry) => path.basename(entry) === "compare.json");
  return files.filter((file) => !SPOILT.some((name) => file.includes(name))).map((file) => path.join(folder, file));
}

describe("an outcome that follows", () => {
  it("is believed of cells that do not gate, of a regression that is accepted, and where none is said", () => {
    const silent = { verdict: "regressed", changePct: 64, isAlert: false, gating: false } as const;
    const ungated = buildEvidenceComparison({
      [cell(1)]: {},
      "P1/b/cold/cpu": { verdict: "undecided" },
      [cell(2)]: silent,
    });
    expect(said("green", ungated)).toBeUndefined();
    const red = buildEvidenceComparison({ [cell(1)]: { verdict: "regressed" } });
    expect(said("regression", { ...red, acceptance: { by: "Ann", reason: "x" } })).toBeUndefined();
    expect(said(undefined, buildComparison({}))).toBeUndefined();
    expect(said("invalid", buildEvidenceComparison({}))).toBeUndefined();
  });

  it("is that of the verdicts, whatever they are", () => {
    const spec = fc.record({ verdict: fc.constantFrom(...verdictKinds), gating: fc.boolean(), isAlert: fc.boolean() });
    const status = fc.constantFrom("passed", "red", "missed", "absent");
    fc.assert(
      fc.property(fc.array(spec, { maxLength: 4 }), status, (specs, controlsStatus) => {
        const cells = Object.fromEntries(specs.map((one, index) => [cell(index), one]));
        const controls = { ...passedControls, status: controlsStatus };
        const made = buildEvidenceComparison(cells, { controls });
        expect(said(evidenceOutcome(made.cells ?? [], controls), made)).toBeUndefined();
      }),
    );
  });

  it("is that of every comparison of the fixtures and of the documentation", async () => {
    const root = fileURLToPath(new URL("../../../..", import.meta.url));
    const policies = new Set<string | undefined>();
    for (const place of await comparisonsIn(path.join(root, "fixtures/scripts"))) {
      const made = parseArtifact(comparison, await readFile(place, "utf8"), place);
      policies.add(made.policy);
      expect(findContradiction(made), place).toBeUndefined();
    }
    expect([...policies]).toEqual(expect.arrayContaining(["evidence", "threshold"]));
    const page = await readFile(path.join(root, "docs/artifacts/comparison.md"), "utf8");
    const [, example = ""] = /```json\n([\s\S]*?)\n```/.exec(page) ?? [];
    expect(findContradiction(checkArtifact(comparison, JSON.parse(example), "the page"))).toBeUndefined();
  });
});
