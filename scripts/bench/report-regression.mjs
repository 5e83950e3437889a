// Starts report-regression.ts with plain Node: node scripts/bench/report-regression.mjs FLAGS
import { start } from "../launcher/launcher.mjs";

await start(import.meta.url);
