// Starts measure-start.ts with plain Node: node scripts/bench/measure-start.mjs FLAGS
import { start } from "../launcher/launcher.mjs";

await start(import.meta.url);
