import path from "node:path";
import { PROJECT_ROOT } from "./script.ts";

/** The file that plain Node runs for a script: `node FILE FLAGS`. */
export function scriptFile(name: string): string {
  return path.join(PROJECT_ROOT, "scripts", "bench", `${name}.mjs`);
}
