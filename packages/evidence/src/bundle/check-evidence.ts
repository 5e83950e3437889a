import { ArtifactError, printableLine } from "@forgebench/errors";
import { chooseShown } from "../verify/choose-shown.ts";
import type { EvidenceDifference } from "../verify/difference.ts";
import { type StoredEvidence, verifyEvidence } from "../verify/verify-evidence.ts";
import { computeAgain } from "./compute-again.ts";
import type { EvidenceFiles } from "./describe-evidence.ts";
import { parseEvidence } from "./parse-evidence.ts";
import { assertSameRules } from "./verifiable-evidence.ts";

/**
 * Computes everything in the evidence again from its runs, and resolves to its files. `place` names it in messages.
 * @throws {ArtifactError} with the first differences, or the reason why it cannot be verified (exit 65).
 */
export function checkEvidence(files: EvidenceFiles, place: string): StoredEvidence {
  const stored = parseEvidence(files, place);
  assertSameRules(stored, place);
  const differences = recompute(stored, place);
  if (differences.length > 0) throw differencesError(differences, place);
  return stored;
}

function recompute(stored: StoredEvidence, place: string): EvidenceDifference[] {
  try {
    return verifyEvidence(stored, computeAgain(stored));
  } catch (error) {
    // A document that is nested so deeply that it fills the stack is no artifact of ours.
    if (!(error instanceof RangeError) || !error.message.includes("call stack")) throw error;
    const issues = [{ path: "", message: "a document is nested too deeply" }];
    throw new ArtifactError({ path: place, kind: "evidence", action: "Cannot verify", issues });
  }
}

function differencesError(differences: readonly EvidenceDifference[], place: string): ArtifactError {
  const { shown, more } = chooseShown(differences);
  return new ArtifactError({
    path: place,
    kind: "evidence",
    action: "Cannot trust",
    issues: shown.map(({ member, about, field, stored, recomputed }) => ({
      path: printableLine([member, about, field].filter((part) => part !== "").join(": ")),
      message: printableLine(`stored ${stored}, recomputed ${recomputed}`, 400),
    })),
    details: [
      ...(more === "" ? [] : [{ label: "more", text: more }]),
      { label: "try", text: "the files as they were published; evidence that was changed later proves nothing" },
    ],
  });
}
