export type { MadeUpNightSize } from "./made-up-night.ts";
export { writeMadeUpNight } from "./made-up-night-folder.ts";
export type { NoiseRecording } from "./noise.ts";
export { type IntervalFigure, nullNightFigures } from "./null-night-figures.ts";
export { analyzeNullNights, type NullNight } from "./null-nights.ts";
export { powerFigures } from "./power-figures.ts";
export type { ReplayPlan } from "./replay.ts";
export { type ReplayResult, replayRecording } from "./replay-recording.ts";
