export { type Block, blocksOf, type CellBlocks, cellIdOf, groupByCell } from "./cell-blocks.ts";
export { findMetric, type Metric, metrics } from "./metrics.ts";
