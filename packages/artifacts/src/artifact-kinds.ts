import type { ArtifactKind } from "./artifact-kind.ts";
import { comparison } from "./comparison.ts";
import { datasetManifest } from "./dataset-manifest.ts";
import { datasetResolved } from "./dataset-resolved.ts";
import { evidenceBundle } from "./evidence-bundle.ts";
import { fetchReport } from "./fetch-report.ts";
import { governanceReview } from "./governance-review.ts";
import { measurement } from "./measurement.ts";
import { nightPlan } from "./night-plan.ts";
import { nightAcceptance, nightRecord } from "./night-record.ts";
import { noiseFile } from "./noise-file.ts";
import { rawRun } from "./raw-run.ts";
import { runContext } from "./run-context.ts";
import { siteHistory } from "./site-history.ts";
import { siteSnapshot } from "./site-snapshot.ts";
import { sourcesRegister } from "./sources-register.ts";
import { suite } from "./suite.ts";
import { summary } from "./summary.ts";
import { syntheticManifest } from "./synthetic-manifest.ts";
import { tierManifest } from "./tier-manifest.ts";

/** Every artifact kind with a schema, in pipeline order; each has a page and a JSON Schema in `docs/artifacts`. */
export const artifactKinds: readonly ArtifactKind<unknown>[] = [
  sourcesRegister,
  fetchReport,
  syntheticManifest,
  tierManifest,
  datasetManifest,
  datasetResolved,
  suite,
  nightPlan,
  runContext,
  rawRun,
  summary,
  comparison,
  evidenceBundle,
  nightRecord,
  nightAcceptance,
  siteSnapshot,
  siteHistory,
  governanceReview,
  measurement,
  noiseFile,
];
