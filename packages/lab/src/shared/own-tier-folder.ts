import path from "node:path";
import { tierManifest } from "@forgebench/artifacts";
import { OperationError } from "@forgebench/errors";
import {
  EXIT,
  isThere,
  makeFolder,
  PROJECT_ROOT,
  runScriptChild,
  type ScriptArgs,
  type ScriptIo,
} from "@forgebench/io";

/** The reference subject as it is built by `npm run build`; built when it is not there. */
export async function ownSubject(io: ScriptIo): Promise<string> {
  const built = path.join(PROJECT_ROOT, "dist", "cli.js");
  if (!(await isThere(built))) await runStep("build-subject", {}, io);
  return built;
}

/** A dataset of a few images for a program of its own. */
export interface OwnDataset {
  readonly version: string;
  /** Of its tier. */
  readonly images: number;
  /** How many are made, of which the tier is chosen. */
  readonly pool: number;
}

/** Builds a small tier in a folder, or uses the one that is there, and returns the path of its manifest. */
export async function ownTier(folder: string, { version, images, pool }: OwnDataset, io: ScriptIo): Promise<string> {
  const at = (name: string) => path.join(folder, name);
  const manifest = path.join(at("build"), `v${version}`, `tier${images}`, tierManifest.fileName);
  if (await isThere(manifest)) return manifest;
  await runStep("generate-synthetic", { "out-dir": at("synthetic"), count: pool }, io);
  const sources = { "synthetic-dir": at("synthetic"), "sources-dir": await makeFolder(at("sources")) };
  const outputs = { "build-dir": at("build"), "out-dir": at("assets") };
  await runStep("build-tiers", { "dataset-version": version, tiers: images, ...sources, ...outputs }, io);
  return manifest;
}

/** Runs another script, and resolves to its exit code. @throws {OperationError} when it ends with one that is not accepted. */
export async function runStep(
  script: string,
  args: ScriptArgs,
  io: ScriptIo,
  accepted: readonly number[] = [EXIT.ok],
): Promise<number> {
  const { exitCode } = await runScriptChild(script, args, io);
  if (accepted.includes(exitCode)) return exitCode;
  throw new OperationError("unjudged", `Cannot measure: ${script} ended with exit ${exitCode}`);
}
