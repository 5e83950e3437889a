// Starts measure-download.ts with plain Node: node scripts/bench/measure-download.mjs FLAGS
import { start } from "../launcher/launcher.mjs";

await start(import.meta.url);
