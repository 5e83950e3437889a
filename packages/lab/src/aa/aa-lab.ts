import path from "node:path";
import { parseSuite, type Suite, type TierManifest, tierManifest } from "@forgebench/artifacts";
import { type ReadArtifact, readArtifact, readInputText, type ScriptIo, sha256Of } from "@forgebench/io";
import { assertSuiteRunnable, type Cell, selectCells } from "@forgebench/runner";
import { type OwnDataset, ownSubject, ownTier } from "../shared/own-tier-folder.ts";

/** The images that are made where no tier is given. */
export const AA_DATASET: OwnDataset = { version: "0.0.0-aa", images: 8, pool: 8 };

/** What a build is compared with itself by. */
export interface AaOptions {
  /** How many nights there shall be. */
  readonly nights: number;
  /** The build; undefined: the reference subject. */
  readonly cliPath: string | undefined;
  /** What it runs on; undefined: images made for it. */
  readonly tierManifest: string | undefined;
  readonly suite: string;
  readonly profiles: readonly string[];
  readonly scenarios: readonly string[];
  readonly minBlocks: number;
  readonly maxBlocks: number;
  /** Of each arm, one after the other. */
  readonly runCount: number;
  readonly controls: boolean;
  /** Whether runs begin while other programs use all processors, too. */
  readonly noWaiting: boolean;
  /** The folder of the nights. */
  readonly outDir: string;
  /** Whether nights that are there are continued; otherwise they are refused. */
  readonly resume: boolean;
  /** The night in which it is over is the last. */
  readonly budgetMinutes: number | undefined;
}

/** What all nights have in common. */
export interface AaLab {
  readonly root: string;
  readonly options: AaOptions;
  readonly io: ScriptIo;
  readonly cliPath: string;
  readonly tier: ReadArtifact<TierManifest>;
  readonly suite: Suite;
  readonly suiteSha256: string;
  readonly cells: readonly Cell[];
}

/** Reads what is measured; builds and makes what is not given. */
export async function openAaLab(root: string, options: AaOptions, io: ScriptIo): Promise<AaLab> {
  const suiteText = await readInputText(options.suite, "suite");
  const suite = parseSuite(suiteText, options.suite);
  assertSuiteRunnable(suite, options.suite);
  const cells = selectCells(suite, options);
  const cliPath = options.cliPath ?? (await ownSubject());
  const tierPath = options.tierManifest ?? (await ownTier(path.join(root, "dataset"), AA_DATASET, io));
  const tier = await readArtifact(tierManifest, tierPath);
  return { root, options, io, cliPath, tier, suite, suiteSha256: sha256Of(suiteText), cells };
}
