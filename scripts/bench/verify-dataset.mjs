// Starts verify-dataset.ts with plain Node: node scripts/bench/verify-dataset.mjs FLAGS
import { start } from "../launcher/launcher.mjs";

await start(import.meta.url);
