import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const TAKES_MINUTES = /\/(rehearse|docs-commands|run-benchmark)\.test\.ts$/;

/** What takes minutes begins first, so that no core waits for it at the end. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => TAKES_MINUTES.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    include: ["packages/**/*.test.ts", "scripts/**/*.test.ts"],
    testTimeout: 30_000,
    // Vitest leaves a core free; much of these tests is waiting for processes.
    maxWorkers: "100%",
    sequence: { sequencer: LongFirst },
    // GitHub's packages import JSON and one another in ways that Node alone does not take.
    server: { deps: { inline: [/@actions\//] } },
  },
});
