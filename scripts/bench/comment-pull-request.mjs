// Starts comment-pull-request.ts with plain Node: node scripts/bench/comment-pull-request.mjs FLAGS
import { start } from "../launcher/launcher.mjs";

await start(import.meta.url);
