// Starts record-noise.ts with plain Node: node scripts/bench/record-noise.mjs FLAGS
import { start } from "../launcher/launcher.mjs";

await start(import.meta.url);
