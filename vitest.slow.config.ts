import { defineConfig } from "vitest/config";
import { COMMON, GLOBAL_SETUP, PLUGINS } from "./vitest.config.ts";

/** Fast with a kill or two; here with more of them. */
const KILL_STORMS = [
  "packages/imageforge/src/process.test.ts",
  "packages/transfer/src/download-kill.test.ts",
  "scripts/bench/build-tiers-stopped.test.ts",
];

export default defineConfig({
  plugins: PLUGINS,
  test: {
    ...COMMON,
    globalSetup: GLOBAL_SETUP,
    include: ["{packages,scripts}/**/*.slow.test.ts", ...KILL_STORMS],
    env: { FORGEBENCH_KILLS: process.env.FORGEBENCH_KILLS ?? "8" },
    maxWorkers: "100%",
  },
});
