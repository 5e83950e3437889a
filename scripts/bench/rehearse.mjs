// Starts rehearse.ts with plain Node: node scripts/bench/rehearse.mjs FLAGS
import { start } from "../launcher/launcher.mjs";

await start(import.meta.url);
