import type { NoiseFile } from "@forgebench/artifacts";
import type { NullNight } from "./null-nights.ts";

/** The wall times of each cell, one arm like the other, night after night: a recording by its file's name. */
export function noiseOfNights(nights: readonly NullNight[]): ReadonlyMap<string, NoiseFile> {
  const samples = new Map<string, number[]>();
  for (const run of nights.flatMap(({ runs }) => runs)) {
    if (run.valid !== true || run.control !== undefined) continue;
    const id = `${run.profileId}-${run.scenario}-${run.phase}`;
    const own = samples.get(id) ?? [];
    own.push(Math.round(run.wallMs * 1000) / 1000);
    samples.set(id, own);
  }
  const recordingOf = (id: string, own: number[]): NoiseFile => {
    const what = `${id} of ${nights.length} nights of bench:aa, both arms the same build`;
    return { unit: "ms", what, samples: own };
  };
  return new Map([...samples].map(([id, own]) => [`aa-${id}.json`, recordingOf(id, own)]));
}
