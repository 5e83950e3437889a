export { type Block, blocksOf, type PairBlocks, wholeBlocks } from "./blocks.ts";
export {
  type CellIdentity,
  cellName,
  cellOfRun,
  controlName,
  type PairIdentity,
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
  type MetricKind,
  type MetricWords,
  metrics,
  PRIMARY_METRIC,
  REPORTED_DURATION,
  wordsOf,
} from "./metrics.ts";
export type { Arm, Design, Fact, RunFacts, Sample, Series, SeriesPair } from "./model.ts";
