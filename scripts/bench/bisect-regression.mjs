// Starts bisect-regression.ts with plain Node: node scripts/bench/bisect-regression.mjs FLAGS
import { start } from "../launcher/launcher.mjs";

await start(import.meta.url);
