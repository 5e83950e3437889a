import { readFileSync } from "node:fs";
import {
  type ComparedCell,
  comparison,
  type EvidenceMember,
  evidenceMembers,
  parseArtifact,
} from "@forgebench/artifacts";
import { describe, expect, it } from "vitest";
import { checkEvidence } from "./bundle/check-evidence.ts";
import { parseEvidence } from "./bundle/parse-evidence.ts";
import { compareByEvidence } from "./comparison/compare-by-evidence.ts";
import { readRunLog } from "./comparison/run-log.ts";

/** A night as the last version with comparisons of version 1.0 measured and compared it. */
const FOLDER = new URL("../../../fixtures/evidence/comparison-1/", import.meta.url);

function filesOf(changes: Partial<Record<EvidenceMember, (text: string) => string>> = {}) {
  return new Map(
    evidenceMembers.map((member) => {
      const bytes = readFileSync(new URL(member, FOLDER));
      const change = changes[member];
      return [member, change === undefined ? bytes : Buffer.from(change(bytes.toString()))] as const;
    }),
  );
}

/** The same night as it is compared today. */
function comparedToday() {
  const { head, base, sha256, context, runs, comparison: made } = parseEvidence(filesOf(), "the fixture");
  return compareByEvidence({
    head: { summary: head, sha256: sha256["summary.json"] },
    base: { summary: base, sha256: sha256["base-summary.json"] },
    thresholds: made.thresholds,
    gateMode: made.gateMode,
    generatedAt: made.generatedAt,
    inputs: made.inputs ?? [],
    context,
    log: readRunLog(runs, context),
  });
}

/** Without the one warning that is new. */
function asThen(cell: ComparedCell | undefined) {
  return { ...cell, warnings: (cell?.warnings ?? []).filter(({ code }) => code !== "levels-disagree") };
}

describe("evidence of comparisons of version 1.0", () => {
  it("verifies to the byte", () => {
    expect(checkEvidence(filesOf(), "the fixture").comparison).toMatchObject({ version: "1.0", policy: "evidence" });
  });

  it.each([
    ["a verdict", /"verdict": "same"/, '"verdict": "improved"'],
    ["a digit of an e-value", /"higher": (\d+)\./, '"higher": 9$1.'],
    ["the change of a pair, which 1.0 took from the levels", /"regressionPct": -?\d/, '"regressionPct": 9'],
    ["a space", /": "comparison"/, '":  "comparison"'],
  ])("does not when somebody changed %s", (_, found, put) => {
    const changed = (text: string) => text.replace(found, put);
    expect(changed(readFileSync(new URL("compare.json", FOLDER), "utf8"))).toMatch(/./);
    expect(() => checkEvidence(filesOf({ "compare.json": changed }), "the fixture")).toThrow(/compare\.json/);
  });

  it("has the same verdicts, figures and outcome today, with more said beside them", () => {
    const then = parseArtifact(comparison, readFileSync(new URL("compare.json", FOLDER), "utf8"), "compare.json");
    const now = comparedToday();
    const { pairs, cells: _, controls: __, sampling: ___, version, ...same } = now;
    expect(version).toBe("2.0");
    expect(then).toMatchObject(JSON.parse(JSON.stringify(same)));
    for (const [index, cell] of (then.cells ?? []).entries()) expect(asThen(now.cells?.[index])).toMatchObject(cell);
    expect(now.cells?.length).toBe(then.cells?.length);
    for (const [index, control] of (then.controls?.controls ?? []).entries()) {
      const { cell, ...rest } = control;
      expect(now.controls?.controls[index]).toMatchObject(rest);
      expect(asThen(now.controls?.controls[index]?.cell)).toMatchObject(cell);
    }
    expect(now.controls?.status).toBe(then.controls?.status);
    expect(pairs.map(({ base, head }) => ({ base, head }))).toEqual(
      then.pairs.map(({ base, head }) => ({ base, head })),
    );
  });
});
