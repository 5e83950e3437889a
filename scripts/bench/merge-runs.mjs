// Starts merge-runs.ts with plain Node: node scripts/bench/merge-runs.mjs FLAGS
import { start } from "../launcher/launcher.mjs";

await start(import.meta.url);
