// Starts build-tiers.ts with plain Node: node scripts/bench/build-tiers.mjs FLAGS
import { start } from "../launcher/launcher.mjs";

await start(import.meta.url);
