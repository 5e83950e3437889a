import { readdir } from "node:fs/promises";
import path from "node:path";
import { type NoiseFile, noiseFile } from "@forgebench/artifacts";
import { OperationError } from "@forgebench/errors";
import { PROJECT_ROOT, readArtifact } from "@forgebench/io";
import type { NoiseRecording } from "./noise.ts";

const MIN_SAMPLES = 240;

/** Reads recordings, without any named those of this project. @throws {OperationError} when one is too short. */
export async function readRecordings(named: readonly string[]): Promise<NoiseRecording[]> {
  const files = named.length > 0 ? named : await ownRecordings();
  const read: NoiseRecording[] = [];
  for (const file of files) {
    const { value } = await readArtifact(noiseFile, file);
    read.push({ name: path.basename(file, ".json"), samples: checked(value, file) });
  }
  return read;
}

function checked({ samples }: NoiseFile, file: string): readonly number[] {
  if (samples.length >= MIN_SAMPLES) return samples;
  throw new OperationError(
    "data",
    `Cannot replay "${file}": it has ${samples.length} runs, at least ${MIN_SAMPLES} are needed`,
    {
      details: [{ label: "try", text: "npm run bench:noise -- --runs 300 --out FILE -- with the same command" }],
    },
  );
}

async function ownRecordings(): Promise<string[]> {
  const folder = path.join(PROJECT_ROOT, "fixtures/noise");
  return (await readdir(folder))
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => path.join(folder, name));
}
