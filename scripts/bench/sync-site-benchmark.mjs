// Starts sync-site-benchmark.ts with plain Node, as the runbook types it: node scripts/bench/sync-site-benchmark.mjs FLAGS
import { register } from "tsx/esm/api";

register();
const [{ runInProcess }, { main }] = await Promise.all([import("@forgebench/io"), import("./sync-site-benchmark.ts")]);
await runInProcess(main);
