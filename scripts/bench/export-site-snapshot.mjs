// Starts export-site-snapshot.ts with plain Node: node scripts/bench/export-site-snapshot.mjs FLAGS
import { start } from "../launcher/launcher.mjs";

await start(import.meta.url);
