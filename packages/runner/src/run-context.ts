import type { RunContext, Suite, TierManifest } from "@forgebench/artifacts";
import { type Cell, cellId } from "./cells.ts";
import { type ControlPlan, describeControls } from "./controls.ts";
import { type DatasetOrigin, measuredDatasetOf, suiteDatasetOf } from "./dataset-origin.ts";
import { familyOf } from "./family.ts";
import type { Inputs } from "./inputs-folder.ts";
import { declarationsOf } from "./own-metrics.ts";
import type { PlacedBuilds } from "./place-builds.ts";
import { describeSampling, mostRuns, type Sampling } from "./sampling.ts";

/** The input of a context. */
export interface ContextParts
  extends Pick<RunContext, "generatedAt" | "toolVersion" | "orderSeed" | "machine" | "timeoutMs" | "meter" | "shard"> {
  readonly suite: Suite;
  readonly suiteSha256: string;
  /** Undefined where the suite names its own inputs, or has none. */
  readonly tier: TierManifest | undefined;
  readonly inputs: Pick<Inputs, "datasetSha256">;
  /** Nothing told: built on this machine. */
  readonly datasetOrigin?: DatasetOrigin | undefined;
  readonly placed: PlacedBuilds;
  /** All chosen cells, and those of this shard. */
  readonly chosenCells: readonly Cell[];
  readonly cells: readonly Cell[];
  readonly sampling: Sampling;
  readonly controlPlan: ControlPlan;
}

/**
 * The values that are the same for all runs of a workspace, as they are recorded before the first of them.
 * @throws as {@link measuredDatasetOf}.
 */
export function makeContext(parts: ContextParts): RunContext {
  const { suite, suiteSha256, tier, inputs, datasetOrigin = {}, placed, chosenCells, cells, ...others } = parts;
  const { sampling, controlPlan, ...rest } = others;
  return {
    kind: "run-context",
    version: "1.0",
    ...rest,
    design: placed.subjects.base === undefined ? "sequential" : "blocked",
    suite: { name: suite.name, sha256: suiteSha256 },
    dataset:
      tier === undefined
        ? suiteDatasetOf(suite, inputs.datasetSha256)
        : measuredDatasetOf(tier, inputs.datasetSha256, datasetOrigin),
    subjects: placed.subjects,
    profiles: [...new Set(cells.map(({ profileId }) => profileId))],
    scenarios: [...new Set(cells.map(({ scenario }) => scenario))],
    cells: cells.map(cellId),
    ...(placed.slots === undefined ? {} : { slots: placed.slots }),
    runCount: mostRuns(sampling),
    sampling: describeSampling(sampling),
    family: familyOf({ suite, chosenCells, meter: rest.meter }),
    ...(suite.ownMetrics.length === 0 ? {} : { declaredMetrics: declarationsOf(suite) }),
    controls: describeControls(controlPlan),
  };
}
