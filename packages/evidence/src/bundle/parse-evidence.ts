import {
  type ArtifactKind,
  comparison,
  type EvidenceMember,
  parseArtifact,
  parseRawRuns,
  parseSuite,
  rawRun,
  runContext,
  suite as suiteKind,
  summary,
} from "@forgebench/artifacts";
import { ArtifactError } from "@forgebench/errors";
import { sha256Of } from "@forgebench/io";
import type { StoredEvidence } from "../verify/verify-evidence.ts";
import type { EvidenceFiles } from "./describe-evidence.ts";

/** The members of a bundle, each by its schema; `place` names them in messages. @throws {ArtifactError} */
export function parseEvidence(files: EvidenceFiles, place: string): StoredEvidence {
  const nameOf = (member: EvidenceMember) => `${place}: ${member}`;
  const bytes = (member: EvidenceMember) => files.get(member) ?? Buffer.alloc(0);
  const text = (member: EvidenceMember, kind: string) => decoded(bytes(member), nameOf(member), kind);
  const parse = <T>(kind: ArtifactKind<T>, member: EvidenceMember) =>
    parseArtifact(kind, text(member, kind.kind), nameOf(member));
  const log = parseRawRuns(text("raw-runs.jsonl", rawRun.kind), nameOf("raw-runs.jsonl"));
  const hash = (member: EvidenceMember) => sha256Of(bytes(member));
  return {
    runs: log.runs,
    isCut: log.truncated,
    context: parse(runContext, "run-context.json"),
    head: parse(summary, "summary.json"),
    base: parse(summary, "base-summary.json"),
    comparison: parse(comparison, "compare.json"),
    comparisonText: text("compare.json", comparison.kind),
    suite: parseSuite(text("suite.yaml", suiteKind.kind), nameOf("suite.yaml")),
    suiteSha256: hash("suite.yaml"),
    sha256: {
      "raw-runs.jsonl": hash("raw-runs.jsonl"),
      "run-context.json": hash("run-context.json"),
      "summary.json": hash("summary.json"),
      "base-summary.json": hash("base-summary.json"),
    },
  };
}

function decoded(bytes: Buffer, file: string, kind: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new ArtifactError({ path: file, kind, issues: [{ path: "", message: "not UTF-8 text" }] });
  }
}
