// Starts generate-synthetic.ts with plain Node: node scripts/bench/generate-synthetic.mjs FLAGS
import { start } from "../launcher/launcher.mjs";

await start(import.meta.url);
