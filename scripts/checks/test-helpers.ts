import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { PROJECT_ROOT } from "@forgebench/io";
import { onTestFinished } from "vitest";
import { copyProject } from "./docs-commands/test-helpers.ts";

/** A small project in a temporary folder, for the tests of the house rules: its files by path; gone after the test. */
export function madeUpTree(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(path.join(os.tmpdir(), "house-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  }
  return root;
}

/** How a program ended that {@link runNode} ran. */
export interface EndedNode {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs Node on a file of a project, from another folder. */
export function runNode(
  project: string,
  [file = "", ...args]: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<EndedNode> {
  return new Promise((resolve) => {
    const options = { cwd: os.tmpdir(), env: { ...process.env, ...env } };
    const child = execFile(process.execPath, [path.join(project, file), ...args], options, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr }),
    );
  });
}

/** Where a project keeps its bundles. */
export const bundlesOf = (project: string) => path.join(project, "node_modules/.cache/forgebench");

/** A copy of this project with its packages, and without bundles. */
export function copyWithoutBundles(target: string): string {
  copyProject(PROJECT_ROOT, target);
  rmSync(bundlesOf(target), { recursive: true, force: true });
  return target;
}
