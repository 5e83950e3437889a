// Starts sync-site-benchmark.ts with plain Node: node scripts/bench/sync-site-benchmark.mjs FLAGS
import { start } from "../launcher/launcher.mjs";

await start(import.meta.url);
