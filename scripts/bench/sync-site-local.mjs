// Starts sync-site-local.ts with plain Node: node scripts/bench/sync-site-local.mjs FLAGS
import { start } from "../launcher/launcher.mjs";

await start(import.meta.url);
