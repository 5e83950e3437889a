// Starts measure-waiting.ts with plain Node: node scripts/bench/measure-waiting.mjs FLAGS
import { start } from "../launcher/launcher.mjs";

await start(import.meta.url);
