import type { CellWarning } from "@forgebench/artifacts";
import { type CellInput, type JudgedCell, judgeCell } from "./judge-cell.ts";
import { readBlocks } from "./obstacles.ts";

/**
 * A metric that should be the same in every run of an arm. While it is, any difference between the arms is `changed`
 * and none is `same`; once an arm varies, the metric is judged like a noisy one, with a warning.
 */
export function judgeExactCell(input: CellInput & { readonly gatesChange: boolean }): JudgedCell {
  const { whole } = readBlocks(input.pair, input.metric);
  const valuesOf = (arm: "base" | "head") => new Set(whole.map((block) => block[arm].value));
  const [base, head] = [valuesOf("base"), valuesOf("head")];
  const varies = base.size > 1 || head.size > 1;
  const noisy = judgeCell({ ...input, skipsDetectable: !varies || input.skipsDetectable === true });
  if (noisy.verdict === "incomparable") return noisy;
  if (varies) return { ...noisy, warnings: [...noisy.warnings, notConstant(base.size, head.size)] };
  const isSame = [...base][0] === [...head][0];
  // Files against none are no change of size: one arm does not do its work. A count of errors may well be 0.
  const isLost = !isSame && input.metric.readBy === "files" && (base.has(0) || head.has(0));
  const severity = isLost ? ("major" as const) : !isSame && input.gatesChange ? ("minor" as const) : null;
  return {
    ...noisy,
    isAlert: severity !== null,
    severity,
    verdict: isSame ? "same" : "changed",
    reason: isSame ? "every run of both arms has this very value" : "the value of every run changed by this much",
    interval: null,
    evidence: null,
    detectablePct: null,
    moreBlocks: null,
    warnings: noisy.warnings.filter(({ code }) => code !== "too-few-samples"),
  };
}

function notConstant(baseCount: number, headCount: number): CellWarning {
  return {
    code: "not-constant",
    message: `it has ${baseCount} different values in base and ${headCount} in head, and was judged as a noisy metric`,
    remedy: "make the output reproducible, or declare the metric noisy",
  };
}
