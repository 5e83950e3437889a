// Starts measure-tiers.ts with plain Node: node scripts/bench/measure-tiers.mjs FLAGS
import { start } from "../launcher/launcher.mjs";

await start(import.meta.url);
