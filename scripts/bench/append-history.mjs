// Starts append-history.ts with plain Node: node scripts/bench/append-history.mjs FLAGS
import { start } from "../launcher/launcher.mjs";

await start(import.meta.url);
