// Starts measure-overhead.ts with plain Node: node scripts/bench/measure-overhead.mjs FLAGS
import { start } from "../launcher/launcher.mjs";

await start(import.meta.url);
