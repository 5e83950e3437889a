// Starts compare-benchmark.ts with plain Node, as the runbook types it: node scripts/bench/compare-benchmark.mjs FLAGS
import { register } from "tsx/esm/api";

register();
const [{ runInProcess }, { main }] = await Promise.all([import("@forgebench/io"), import("./compare-benchmark.ts")]);
await runInProcess(main);
