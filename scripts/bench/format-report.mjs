// Starts format-report.ts with plain Node: node scripts/bench/format-report.mjs FLAGS
import { start } from "../launcher/launcher.mjs";

await start(import.meta.url);
