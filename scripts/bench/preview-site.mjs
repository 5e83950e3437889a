// Starts preview-site.ts with plain Node: node scripts/bench/preview-site.mjs FLAGS
import { start } from "../launcher/launcher.mjs";

await start(import.meta.url);
