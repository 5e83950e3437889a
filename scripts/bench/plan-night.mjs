// Starts plan-night.ts with plain Node: node scripts/bench/plan-night.mjs FLAGS
import { start } from "../launcher/launcher.mjs";

await start(import.meta.url);
