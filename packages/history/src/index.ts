export type { EvidenceFiles, EvidenceIdentity } from "./evidence/describe-evidence.ts";
export {
  evidenceSources,
  type PackedEvidence,
  packEvidence,
  type ReadEvidence,
  readEvidenceBundle,
} from "./evidence/evidence-archive.ts";
