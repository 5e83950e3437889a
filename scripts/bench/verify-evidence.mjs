// Starts verify-evidence.ts with plain Node: node scripts/bench/verify-evidence.mjs FLAGS
import { start } from "../launcher/launcher.mjs";

await start(import.meta.url);
