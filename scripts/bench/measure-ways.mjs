// Starts measure-ways.ts with plain Node: node scripts/bench/measure-ways.mjs FLAGS
import { start } from "../launcher/launcher.mjs";

await start(import.meta.url);
