import * as z from "zod";
import { type ArtifactKind, fields, inputReference } from "./artifact-kind.ts";

const minutes = z.number().min(0);

const cell = z.looseObject({
  /** `PROFILE/SCENARIO/PHASE`. */
  id: z.string(),
  gating: z.boolean(),
  /** One run of each arm, with what is done around them. */
  blockMs: fields.durationMs,
  /** Once before the first block: of a warm cell, the filling of both warm folders. */
  setupMs: fields.durationMs,
  expectedBlocks: z.int().min(1),
  /** Of setup and expected blocks. */
  expectedMinutes: minutes,
  /** `predicted`: no run of it was there, the price follows from other cells. */
  pricedFrom: z.enum(["history", "predicted"]),
  /** The index of the shard that measures it. */
  shard: z.int().min(1),
});

const shard = z.looseObject({
  index: z.int().min(1),
  cells: z.array(z.string()).min(1),
  /** With its controls. */
  expectedMinutes: minutes,
  /** When every cell is decided after the fewest blocks. */
  minimumMinutes: minutes,
  /** What measures it; words in capitals are for the person who runs it to fill in. */
  command: z.string(),
});

const notJudged = z.looseObject({
  id: z.string(),
  gating: z.boolean(),
  reason: z.string(),
  /** Null when it has no price. */
  expectedMinutes: minutes.nullable(),
});

const schema = z.looseObject({
  kind: z.string().optional(),
  version: z.string(),
  generatedAt: fields.timestamp,
  suite: z.looseObject({ name: z.string(), sha256: fields.sha256 }),
  /** Of each shard; shards run at the same time, each on its own machine. */
  budgetMinutes: z.number().positive(),
  /** The limits of a cell, and its expected blocks if its own history does not tell. */
  blocks: z.looseObject({ min: z.int().min(1), expected: z.int().min(1), max: z.int().min(1) }),
  shards: z.array(shard).min(1),
  cells: z.array(cell).min(1),
  /** The cells that do not fit the budget, and why; the most expensive first. */
  notJudged: z.array(notJudged),
  /** Whether a cell that gates is among those. */
  sheddedGating: z.boolean(),
  /** The cells by which each shard checks itself; they are never left out. */
  controls: z.looseObject({
    cellsPerShard: fields.count,
    blockMs: fields.durationMs,
    expectedBlocks: z.int().min(1),
    expectedMinutesPerShard: minutes,
  }),
  totals: z.looseObject({
    cellCount: fields.count,
    judgedCount: fields.count,
    expectedMinutes: minutes,
    minimumMinutes: minutes,
    longestShardMinutes: minutes,
  }),
  /** Warnings about the prices. */
  warnings: z.array(z.string()),
  /** The suite and the runs that the prices come from. */
  inputs: z.array(inputReference),
});

/**
 * What a night is going to measure within its budget, cell by cell, and what it leaves out and why; times in ms and
 * minutes.
 */
export type NightPlan = z.infer<typeof schema>;

/** Written by `plan-night`; read by the person or workflow that starts the shards: it holds the command of each. */
export const nightPlan: ArtifactKind<NightPlan> = {
  kind: "night plan",
  slug: "night-plan",
  fileName: "night-plan.json",
  summary: "What a night will measure in its budget: the price of each cell, its shard, and what is not judged.",
  encoding: "json",
  version: { field: "version", current: "1.0" },
  schema,
};
