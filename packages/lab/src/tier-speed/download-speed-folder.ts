import path from "node:path";
import { archiveName, assetNames, writeBulkDataset } from "@forgebench/dataset";
import { OperationError } from "@forgebench/errors";
import { type StandIn, startStandIn } from "@forgebench/github-stand-in";
import { isThere, makeFolder, runTool, type ScriptIo, scriptFile } from "@forgebench/io";
import { atLeast, type Figures, figure } from "../shared/figures.ts";
import { type InTurn, inTurn, medianOf, pairs } from "../shared/in-turn.ts";
import { type MeasuredProcesses, measuredProcesses, type ProcessCost } from "../shared/measured-process.ts";
import { inScratchFolder } from "../shared/scratch-folder.ts";
import { settle } from "./pack-speed-folder.ts";
import { peakFigures, ratioFigures, showingMegabytes, type TierSpeedOptions } from "./tier-speed.ts";

const MIN_SPEED_RATIO = 0.6;
const REPOSITORY = "bench/images";
const TOKEN = "measure-download";
const VERSION = "1.0.0";
const TIER_ID = "tier1";

/** Measures the download, check and unpacking of a tier of its own, released on this machine, in turn with curl and tar. */
export function measureDownload(options: TierSpeedOptions, io: ScriptIo): Promise<Figures> {
  return inScratchFolder(options.workspace, async (workspace) => {
    const permissions = { contents: "write", pullRequests: "none", issues: "none" } as const;
    const standIn = await startStandIn({
      accounts: { [TOKEN]: { login: "bench", permissions } },
      repositories: { [REPOSITORY]: {} },
      folder: await makeFolder(path.join(workspace, "github")),
    });
    try {
      const sizeBytes = options.sizeMb * 1e6;
      await release(path.join(workspace, "assets"), sizeBytes, standIn, io);
      const bench: Bench = { standIn, workspace, processes: measuredProcesses(workspace, io), io };
      const plan = { pairs: options.pairs, shown: { io, label: "pairs" } };
      const sides = { own: () => timeDownload(bench), reference: () => timeTools(bench) };
      return downloadFigures(await inTurn(plan, sides), sizeBytes);
    } finally {
      await standIn.stop();
    }
  });
}

interface Bench {
  readonly standIn: StandIn;
  readonly workspace: string;
  readonly processes: MeasuredProcesses;
  readonly io: ScriptIo;
}

/** Makes the assets of a dataset of one tier, and releases them. */
async function release(folder: string, sizeBytes: number, standIn: StandIn, io: ScriptIo): Promise<void> {
  const dataset = { tierId: TIER_ID, datasetVersion: VERSION, sizeBytes, signal: io.signal };
  await showingMegabytes(io, sizeBytes, (onProgress) => writeBulkDataset(folder, { ...dataset, onProgress }));
  const source = ["--dataset-version", VERSION, "--assets-dir", folder];
  const target = ["--repo", REPOSITORY, "--api-url", standIn.apiUrl, "--token-env", "BENCH_TOKEN"];
  const command = [scriptFile("release-dataset"), ...source, ...target];
  await runTool(process.execPath, command, io, { BENCH_TOKEN: TOKEN });
}

function timeDownload({ standIn, workspace, processes, io }: Bench): Promise<ProcessCost> {
  return inScratchFolder(path.join(workspace, "downloaded"), async (folder) => {
    await settle(io);
    const dataset = ["--repo", REPOSITORY, "--dataset-version", VERSION, "--tier", "1"];
    const places = ["--out-dir", folder, "--api-url", standIn.apiUrl];
    return processes.run([process.execPath, scriptFile("download-dataset"), ...dataset, ...places]);
  });
}

/** What a careful person would type. */
const TOOLS = `set -eo pipefail; cd "$0"
curl -fsSLO "$1/$2"; curl -fsSLO "$1/$3"
sha256sum --quiet --ignore-missing -c "$3"
tar --zstd -xf "$2"`;

function timeTools({ standIn, workspace, processes, io }: Bench): Promise<{ readonly toolsMs: number }> {
  return inScratchFolder(path.join(workspace, "reference"), async (folder) => {
    await settle(io);
    const url = `${standIn.gitUrl}/${REPOSITORY}/releases/download/bench-dataset-v${VERSION}`;
    const assets = [archiveName(TIER_ID, VERSION), assetNames(VERSION).checksums];
    const { wallMs } = await processes.run(["bash", "-c", TOOLS, folder, url, ...assets]);
    if (await isThere(path.join(folder, TIER_ID, "tier-manifest.json"))) return { toolsMs: wallMs };
    throw new OperationError("unjudged", "Cannot measure: tar unpacked no tier");
  });
}

function downloadFigures(measured: InTurn<ProcessCost, { readonly toolsMs: number }>, sizeBytes: number): Figures {
  const { own, reference } = measured;
  return [
    figure("size of the tier", sizeBytes / 1e6, "MB"),
    figure(
      "download-dataset, with its start",
      medianOf(own, ({ wallMs }) => wallMs),
      "ms",
    ),
    figure(
      "  speed",
      medianOf(own, ({ wallMs }) => sizeBytes / 1e3 / wallMs),
      "MB/s",
    ),
    figure(
      "curl, sha256sum, tar --zstd -x",
      medianOf(reference, ({ toolsMs }) => toolsMs),
      "ms",
    ),
    ...ratioFigures(
      pairs(measured).map(({ wallMs, toolsMs }) => toolsMs / wallMs),
      (ratio) => atLeast("speed, their share", ratio, "", MIN_SPEED_RATIO),
    ),
    ...peakFigures(own),
  ];
}
