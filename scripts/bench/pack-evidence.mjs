// Starts pack-evidence.ts with plain Node: node scripts/bench/pack-evidence.mjs FLAGS
import { start } from "../launcher/launcher.mjs";

await start(import.meta.url);
