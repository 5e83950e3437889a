// Starts release-dataset.ts with plain Node: node scripts/bench/release-dataset.mjs FLAGS
import { start } from "../launcher/launcher.mjs";

await start(import.meta.url);
