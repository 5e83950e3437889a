import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { defineConfig } from "vitest/config";
import { commonOptions, GLOBAL_SETUP, PLUGINS } from "./vitest.config.ts";

/** Files in which a test says that it is slow, or that it kills; the others need not be loaded. */
function filesWithSlowTests(): string[] {
  const folders = ["scripts", ...readdirSync("packages").map((name) => path.join("packages", name, "src"))];
  const files = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => path.join(folder, name)),
  );
  return files.filter((file) => {
    if (!file.endsWith(".test.ts")) return false;
    const text = readFileSync(file, "utf8");
    // Nobody would run it.
    if (file.endsWith(".slow.test.ts") && !text.includes("@module-tag slow"))
      throw new Error(`${file} must begin with /** @module-tag slow */`);
    return /@module-tag slow|tags: \["(slow|kills)"\]/.test(text);
  });
}

/** `npm run test:slow` filters by tags, which a configuration cannot. */
export default defineConfig({
  plugins: PLUGINS,
  test: {
    ...commonOptions("slow"),
    globalSetup: GLOBAL_SETUP,
    include: filesWithSlowTests(),
    env: { FORGEBENCH_KILLS: process.env.FORGEBENCH_KILLS ?? "8" },
    maxWorkers: 3,
    maxConcurrency: 2,
  },
});
