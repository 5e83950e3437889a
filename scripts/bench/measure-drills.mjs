// Starts measure-drills.ts with plain Node: node scripts/bench/measure-drills.mjs FLAGS
import { start } from "../launcher/launcher.mjs";

await start(import.meta.url);
