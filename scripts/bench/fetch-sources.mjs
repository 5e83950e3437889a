// Starts fetch-sources.ts with plain Node: node scripts/bench/fetch-sources.mjs FLAGS
import { start } from "../launcher/launcher.mjs";

await start(import.meta.url);
