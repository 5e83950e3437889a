// Starts compare-benchmark.ts with plain Node: node scripts/bench/compare-benchmark.mjs FLAGS
import { start } from "../launcher/launcher.mjs";

await start(import.meta.url);
