import type { WorkflowText } from "./workflow-text.ts";

/** An action as the one job of a workflow, so that the same rules can read it and a rehearsal can run it. */
interface ActionAsWorkflow {
  readonly text: string;
  /** The line of the action that stands in a line of the workflow. */
  readonly lineOf: (line: number) => number;
}

/** Undefined where it is no composite action whose steps come last, after inputs and outputs. */
export function asWorkflow({ text }: WorkflowText): ActionAsWorkflow | undefined {
  const parts = /^inputs:\n([\s\S]+?)^outputs:\n([\s\S]+?)^runs:\n {2}using: composite\n {2}steps:\n([\s\S]+)$/m.exec(
    text,
  );
  const [, inputs, outputs, steps] = parts ?? [];
  if (inputs === undefined || outputs === undefined || steps === undefined) return undefined;
  const head = [
    ...["name: action", "on:", "  pull_request:", "  push:", "  workflow_dispatch:", "    inputs:"],
    // What a run by hand may have as default is text alone.
    ...indented(inputs.replace(/default: \$\{\{.*\}\}$/gm, 'default: ""'), 4),
    ...["permissions: {}", "concurrency:", "  group: action", "  cancel-in-progress: false", "jobs:", "  action:"],
    ...["    runs-on: ubuntu-24.04", "    timeout-minutes: 90", "    permissions:", "      contents: read # to read"],
    ...["    outputs:", ...outputLines(outputs), "    steps:"],
  ];
  const first = text.slice(0, text.length - steps.length).split("\n").length;
  return {
    text: [...head, ...indented(steps, 2), ""].join("\n"),
    lineOf: (line) => Math.max(1, line - head.length - 1 + first),
  };
}

function indented(block: string, count: number): string[] {
  const lines = block.trimEnd().split("\n");
  return lines.map((line) => (line === "" ? "" : `${" ".repeat(count)}${line}`));
}

function outputLines(outputs: string): string[] {
  return [...outputs.matchAll(/^ {2}([\w-]+):\n(?: {4}.*\n)*? {4}value: (.+)$/gm)].map(
    ([, name, value]) => `      ${name}: ${value}`,
  );
}
