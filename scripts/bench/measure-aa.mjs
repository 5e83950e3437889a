// Starts measure-aa.ts with plain Node: node scripts/bench/measure-aa.mjs FLAGS
import { start } from "../launcher/launcher.mjs";

await start(import.meta.url);
