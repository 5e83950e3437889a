// Starts resolve-base.ts with plain Node: node scripts/bench/resolve-base.mjs FLAGS
import { start } from "../launcher/launcher.mjs";

await start(import.meta.url);
