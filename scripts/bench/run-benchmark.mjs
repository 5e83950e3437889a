// Starts run-benchmark.ts with plain Node: node scripts/bench/run-benchmark.mjs FLAGS
import { start } from "../launcher/launcher.mjs";

await start(import.meta.url);
