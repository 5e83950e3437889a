import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["packages/**/*.test.ts", "scripts/**/*.test.ts"],
    testTimeout: 30_000,
    // Vitest leaves a core free; much of these tests is waiting for processes.
    maxWorkers: "100%",
    // GitHub's packages import JSON and one another in ways that Node alone does not take.
    server: { deps: { inline: [/@actions\//] } },
  },
});
