// Starts measure-power.ts with plain Node: node scripts/bench/measure-power.mjs FLAGS
import { start } from "../launcher/launcher.mjs";

await start(import.meta.url);
