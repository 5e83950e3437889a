// Starts review-governance.ts with plain Node: node scripts/bench/review-governance.mjs FLAGS
import { start } from "../launcher/launcher.mjs";

await start(import.meta.url);
