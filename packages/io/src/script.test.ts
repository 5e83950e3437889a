import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { ArtifactError, InterruptedError, OperationError, UsageError } from "@forgebench/errors";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXIT } from "./exit-codes.ts";
import { integerFlag, requiredText } from "./flag-kinds.ts";
import { describeError, PROJECT_ROOT, runScript, type ScriptSpec } from "./script.ts";
import { memoryIo } from "./script-io.ts";

const flags = {
  name: requiredText({ description: "a name" }),
  count: integerFlag({ min: 1, max: 9, unit: "things", fallback: 3, description: "how many" }),
};
const spec: ScriptSpec<typeof flags> = {
  command: "pnpm run bench:make --",
  purpose: "Makes things.",
  flags,
  outputs: { MADE_JSON: "the things" },
  examples: ["pnpm run bench:make -- --name x"],
  notes: ["A note."],
};

async function run(argv: readonly string[], body: (count: number) => Promise<number>, signal?: AbortSignal) {
  const io = memoryIo(signal === undefined ? {} : { signal });
  const exitCode = await runScript(spec, argv, io, ({ count }) => body(count));
  return { exitCode, stdout: io.stdoutText(), stderr: io.stderrText() };
}

const fail = (error: unknown) => run(["--name", "x"], () => Promise.reject(error));

describe("runScript", () => {
  it("hands on the parsed flags and the exit code", async () => {
    expect(await run(["--name", "x", "--count", "7"], async (count) => count)).toEqual({
      exitCode: 7,
      stdout: "",
      stderr: "",
    });
  });

  it("prints help from the table, on stdout, and runs nothing", async () => {
    const { exitCode, stdout, stderr } = await run(["--help"], () => expect.fail("the body ran"));
    expect(exitCode).toBe(0);
    expect(stderr).toBe("");
    expect(stdout).toBe(
      [
        "pnpm run bench:make -- [FLAGS]",
        "",
        "Makes things.",
        "",
        "Flags:",
        "  --name TEXT  a name (required)",
        "  --count N    how many (3)",
        "  --help       this text",
        "",
        "Prints:",
        "  MADE_JSON  the things",
        "",
        "A note.",
        "",
        "Example:",
        "  pnpm run bench:make -- --name x",
        "",
      ].join("\n"),
    );
  });

  it("turns a usage error into a message and exit 64, before the body", async () => {
    const result = await run(["--name", "x", "--count", "abc"], () => expect.fail("the body ran"));
    expect(result).toEqual({
      exitCode: 64,
      stdout: "",
      stderr:
        'error: --count: "abc" is not a number\n  expected   a whole number from 1 to 9 (things), for example --count 3\nexit 64 (usage)\n',
    });
  });

  it.each([
    [new UsageError("u"), 64, "usage"],
    [new ArtifactError({ path: "f", kind: "summary", issues: [{ path: "a", message: "b" }] }), 65, "input data wrong"],
    [new OperationError("gate", "g"), 2, "a gate says no"],
    [new OperationError("unjudged", "n"), 3, "could not be judged"],
    [new OperationError("service", "s"), 69, "a service failed"],
    [new OperationError("output", "o"), 73, "an output cannot be made"],
  ])("says what the exit code of %s means, without a stack", async (error, exitCode, meaning) => {
    const result = await fail(error);
    expect(result.exitCode).toBe(exitCode);
    expect(result.stderr).toBe(`error: ${error.message}\nexit ${exitCode} (${meaning})\n`);
  });

  it("shows the stack of a bug, and of nothing else", async () => {
    const { exitCode, stderr } = await fail(new TypeError("x is not a function"));
    expect(exitCode).toBe(70);
    expect(stderr).toMatch(/^TypeError: x is not a function\n {4}at /);
    expect(stderr).toMatch(/\nerror: x is not a function\nexit 70 \(a bug of this program\)\n$/);
    expect(await fail("a bare text")).toEqual({
      exitCode: 70,
      stdout: "",
      stderr: "error: a bare text\nexit 70 (a bug of this program)\n",
    });
    expect((await fail(undefined)).exitCode).toBe(70);
  });

  it("reports the interruption, whatever it surfaced as", async () => {
    const controller = new AbortController();
    controller.abort(new InterruptedError("SIGTERM"));
    const result = await run(["--name", "x"], () => Promise.reject(new Error("pipe broke")), controller.signal);
    expect(result.exitCode).toBe(143);
    expect(result.stderr).toBe("error: terminated\nexit 143 (terminated; finished work is kept)\n");
  });
});

describe("describeError", () => {
  it("lines up details and disarms what came from outside", () => {
    const error = new OperationError("data", "bad \u001b[31m", {
      details: [
        { label: "a", text: "1" },
        { label: "long", text: "::error::2" },
      ],
    });
    expect(describeError(error, 65)).toBe(
      "error: bad \\x1b[31m\n  a      1\n  long   ::error::2\nexit 65 (input data wrong)\n",
    );
  });

  it("survives errors of libraries whose details have another form", () => {
    for (const details of ["text", [null], ["text"], [{ label: 1 }], { label: "a" }]) {
      expect(describeError(Object.assign(new Error("x"), { details }), 65)).toBe(
        "error: x\nexit 65 (input data wrong)\n",
      );
    }
  });
});

it("tells how to see the lines of the sources in the stack of a bug that a bundle has", () => {
  const bug = new TypeError("x is not a function");
  expect(describeError(bug, EXIT.internal)).not.toContain("--enable-source-maps");
  bug.stack = "TypeError: x is not a function\n  at a (file:///p/node_modules/.cache/forgebench/scripts-1/a.mjs:1:2)";
  expect(describeError(bug, EXIT.internal)).toContain("  try   the same with NODE_OPTIONS=--enable-source-maps");
  expect(describeError(bug, EXIT.data)).not.toContain("--enable-source-maps");
});

describe("launch", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "launch ü "));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const compiled = path.join(folder, "script.mjs");
  const scriptModule = JSON.stringify(pathToFileURL(compiled).href);
  // Compiled once, where its children would each do it.
  beforeAll(async () => {
    await build({
      entryPoints: [path.join(PROJECT_ROOT, "packages/io/src/script.ts")],
      outfile: compiled,
      bundle: true,
      platform: "node",
      format: "esm",
      logLevel: "error",
    });
  });

  /** Starts Node on a file of this text from another folder, through a link when asked. */
  function start(name: string, text: string, entry = name, stdout: "pipe" | number = "pipe") {
    const file = path.join(folder, "project", name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, `import { launch } from ${scriptModule};\n${text}`);
    const {
      status,
      stdout: output,
      stderr,
    } = spawnSync(process.execPath, [path.join(folder, "project", entry)], {
      cwd: os.tmpdir(),
      encoding: "utf8",
      stdio: ["ignore", stdout, "pipe"],
    });
    return { status, stdout: output, stderr };
  }

  it("runs the script it stands in, also through a link, and sets the exit code", () => {
    const text = 'await launch(import.meta.url, async (argv, io) => { io.stdout.write("ran\\n"); return 3; });';
    expect(start("a b.mjs", text)).toEqual({ status: 3, stdout: "ran\n", stderr: "" });
    symlinkSync("a b.mjs", path.join(folder, "project", "link.mjs"));
    expect(start("a b.mjs", text, "link.mjs")).toEqual({ status: 3, stdout: "ran\n", stderr: "" });
  });

  it.runIf(process.platform === "linux")("ends with 73 when the result cannot be written", () => {
    const full = openSync("/dev/full", "w");
    const text = 'await launch(import.meta.url, async (argv, io) => { io.stdout.write("ran\\n"); return 0; });';
    const { status, stderr } = start("lost.mjs", text, "lost.mjs", full);
    closeSync(full);
    expect({ status, stderr }).toEqual({
      status: 73,
      stderr: expect.stringMatching(/^error: Cannot write the result to stdout: no space left/),
    });
  });

  it("does nothing in a file that is imported", () => {
    start("imported.mjs", 'await launch(import.meta.url, async () => { throw new Error("ran"); });');
    expect(start("importer.mjs", 'await import("./imported.mjs"); console.log("imported");')).toMatchObject({
      status: 0,
      stdout: "imported\n",
    });
  });

  it("ends with 70 and a stack when something is thrown outside of main", () => {
    const { status, stderr } = start(
      "late.mjs",
      'await launch(import.meta.url, () => new Promise(() => { setTimeout(() => { throw new Error("late"); }, 1); }));',
    );
    expect(status).toBe(70);
    expect(stderr).toMatch(/^Error: late\n {4}at [\s\S]*exit 70 \(a bug of this program\)\n$/);
    const rejected = start(
      "reject.mjs",
      'await launch(import.meta.url, async () => { void Promise.reject(new Error("lost")); await new Promise((r) => setTimeout(r, 1000)); return 0; });',
    );
    expect(rejected.status).toBe(70);
    expect(rejected.stderr).toContain("error: lost");
    const stuck = start("stuck.mjs", "await launch(import.meta.url, () => new Promise(() => undefined));");
    expect(stuck.status).toBe(70);
    expect(stuck.stderr).toContain("error: the script waited for an event that cannot happen any more");
  });
});
