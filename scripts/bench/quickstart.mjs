// Starts quickstart.ts with plain Node: node scripts/bench/quickstart.mjs FLAGS
import { start } from "../launcher/launcher.mjs";

await start(import.meta.url);
