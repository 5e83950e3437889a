// Starts measure-synthetic.ts with plain Node: node scripts/bench/measure-synthetic.mjs FLAGS
import { start } from "../launcher/launcher.mjs";

await start(import.meta.url);
