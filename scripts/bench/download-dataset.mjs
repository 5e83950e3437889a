// Starts download-dataset.ts with plain Node: node scripts/bench/download-dataset.mjs FLAGS
import { start } from "../launcher/launcher.mjs";

await start(import.meta.url);
