// Starts measure-subject.ts with plain Node: node scripts/bench/measure-subject.mjs FLAGS
import { start } from "../launcher/launcher.mjs";

await start(import.meta.url);
