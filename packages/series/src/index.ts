export { type Block, blocksOf, wholeBlocks } from "./blocks.ts";
export {
  type CellIdentity,
  cellName,
  cellOfRun,
  controlName,
  type PipelineCell,
  pairName,
  pipelineCellName,
  readControlName,
  readPipelineCell,
  readSeriesName,
  seriesName,
} from "./cell-name.ts";
export {
  declareMetric,
  findMetric,
  type Metric,
  metrics,
  PRIMARY_METRIC,
  REPORTED_DURATION,
  wordsOf,
} from "./metrics.ts";
export type { Arm, Design, Fact, RunFacts, Sample, Series, SeriesPair } from "./model.ts";
