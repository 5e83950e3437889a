// Starts measure-compare.ts with plain Node: node scripts/bench/measure-compare.mjs FLAGS
import { start } from "../launcher/launcher.mjs";

await start(import.meta.url);
