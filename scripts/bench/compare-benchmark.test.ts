import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { comparison, parseArtifact } from "@forgebench/artifacts";
import { buildSummary } from "@forgebench/artifacts/testing";
import { memoryIo, PROJECT_ROOT, sha256OfFile } from "@forgebench/io";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { main } from "./compare-benchmark.ts";

const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), "compare ü-")));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string) => path.join(folder, name);
const sides = ["--base-summary", "base.json", "--head-summary", "head.json"];

beforeAll(() => {
  writeFileSync(file("base.json"), JSON.stringify(buildSummary({ "P1/a": {} })));
  writeFileSync(file("head.json"), JSON.stringify(buildSummary({ "P1/a": { coldMs: 400 } })));
});

/** Runs a launcher as the runbook types it; resolves to its exit code and what it printed. */
function launchScript(launcher: string, args: readonly string[]) {
  return new Promise<{ exitCode: number; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [launcher, ...args], { cwd: folder }, (error, stdout, stderr) => {
      resolve({ exitCode: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

describe("the launcher", () => {
  it("runs from any folder, through a link, with spaces and other letters in the paths", async () => {
    symlinkSync(path.join(PROJECT_ROOT, "scripts/bench/compare-benchmark.mjs"), file("a link.mjs"));
    const outs = ["--out-json", "out put/ç.json", "--out-md", "out put/ç.md"];
    const { exitCode, stdout } = await launchScript(file("a link.mjs"), [...sides, ...outs, "--mode", "strict"]);
    expect(exitCode).toBe(2);
    const found = "ALERT_COUNT=1\nOUTCOME=regression\nREGRESSED_CELLS=P1/a/cold/wall\nREGRESSED_CELL=P1/a/cold/wall\n";
    expect(stdout).toBe(`COMPARE_JSON=${file("out put/ç.json")}\nCOMPARE_MD=${file("out put/ç.md")}\n${found}`);
  });

  it("is there for every script that the runbook types with plain Node", async () => {
    const launcher = path.join(PROJECT_ROOT, "scripts/bench/export-site-snapshot.mjs");
    const { exitCode, stderr } = await launchScript(launcher, ["--tier", "30"]);
    expect(exitCode).toBe(64);
    expect(stderr).toContain("error: missing --head-summary");
  });
});

describe("main", () => {
  it("names its inputs by hash, so that the chain can check what belongs together", async () => {
    const io = memoryIo({ cwd: folder });
    expect(await main([...sides, "--out-json", "c.json", "--out-md", "c.md"], io)).toBe(0);
    const made = parseArtifact(comparison, readFileSync(file("c.json"), "utf8"), "c.json");
    expect(made.inputs).toEqual([
      { role: "base", path: "base.json", sha256: await sha256OfFile(file("base.json")) },
      { role: "head", path: "head.json", sha256: await sha256OfFile(file("head.json")) },
    ]);
    expect(readFileSync(file("c.json"), "utf8")).not.toContain(folder);
    expect(readFileSync(file("c.md"), "utf8")).not.toContain(folder);
  });

  it("hands its results to the next step of a workflow", async () => {
    const io = memoryIo({ cwd: folder, env: { GITHUB_OUTPUT: file("github-output") } });
    await main([...sides, "--out-json", "g.json", "--out-md", "g.md"], io);
    expect(readFileSync(file("github-output"), "utf8")).toBe(io.stdoutText());
  });

  it("says which output cannot be made, and keeps the old one", async () => {
    writeFileSync(file("taken"), "");
    mkdirSync(file("is-a-folder.json"));
    for (const out of ["taken/c.json", "is-a-folder.json"]) {
      const io = memoryIo({ cwd: folder });
      expect(await main([...sides, "--out-json", out, "--out-md", "x.md"], io)).toBe(73);
      expect(io.stderrText()).toContain(file(out.split("/")[0] ?? ""));
      expect(io.stdoutText()).toBe("");
    }
  });

  it("cannot be misled into a workflow command by what a summary holds", async () => {
    const hostile = "\n::error::x\u001b[31m";
    writeFileSync(file("hostile.json"), JSON.stringify(buildSummary({ [`${hostile}/${hostile}`]: { coldMs: 0 } })));
    const io = memoryIo({ cwd: folder });
    const args = ["--base-summary", "hostile.json", "--head-summary", "head.json"];
    expect(await main([...args, "--out-json", "h.json", "--out-md", "h.md"], io)).toBe(3);
    const shown = io.stdoutText() + io.stderrText() + readFileSync(file("h.md"), "utf8");
    expect(shown).toContain("::error::x");
    expect(shown).not.toMatch(/^\s*::/m);
    expect(shown).not.toContain("\u001b");
  });
});

describe("what regressed, for the next step", () => {
  const many = Object.fromEntries(Array.from({ length: 25 }, (_, index) => [`P${index}/a`, index]));
  const outputsOf = async (base: Parameters<typeof buildSummary>[0], head: Parameters<typeof buildSummary>[0]) => {
    writeFileSync(file("b.json"), JSON.stringify(buildSummary(base)));
    writeFileSync(file("h.json"), JSON.stringify(buildSummary(head)));
    const io = memoryIo({ cwd: folder });
    await main(
      ["--base-summary", "b.json", "--head-summary", "h.json", "--out-json", "o.json", "--out-md", "o.md"],
      io,
    );
    return { stdout: io.stdoutText(), stderr: io.stderrText() };
  };

  it("names twenty of many cells, the worst first, each once", async () => {
    const { stdout } = await outputsOf(
      Object.fromEntries(Object.keys(many).map((id) => [id, {}])),
      Object.fromEntries(Object.entries(many).map(([id, index]) => [id, { coldMs: 300 + 10 * index, warmP50Ms: 240 }])),
    );
    const named = /^REGRESSED_CELLS=(.*)$/m.exec(stdout)?.[1]?.split(",") ?? [];
    expect(named).toHaveLength(20);
    expect(named.slice(0, 2)).toEqual(["P24/a/cold/wall", "P23/a/cold/wall"]);
    expect(new Set(named).size).toBe(20);
    expect(stdout).toMatch(/^REGRESSED_CELL=P24\/a\/cold\/wall$/m);
  });

  it("leaves out names that no suite can have, and says so", async () => {
    const evil = ["a,b", "a\nOUTCOME=green", "-x", "$(id)", "a b"];
    const { stdout, stderr } = await outputsOf(
      Object.fromEntries(["P1/a", ...evil.map((name) => `P1/${name}`)].map((id) => [id, {}])),
      Object.fromEntries(["P1/a", ...evil.map((name) => `P1/${name}`)].map((id) => [id, { coldMs: 400 }])),
    );
    expect(stdout.split("\n").slice(2, -1)).toEqual([
      "ALERT_COUNT=6",
      "OUTCOME=regression",
      "REGRESSED_CELLS=P1/a/cold/wall",
      "REGRESSED_CELL=P1/a/cold/wall",
    ]);
    expect(stderr).toContain("note: 5 regressed cells are not named in the outputs");
  });

  it("names none where nothing regressed, or where what was found is not to be believed", async () => {
    expect((await outputsOf({ "P1/a": {} }, { "P1/a": {} })).stdout).toMatch(/\nOUTCOME=green\n$/);
    const half = await outputsOf({ "P1/a": {}, "P1/b": {} }, { "P1/a": { coldMs: 400 } });
    expect(half.stdout).toMatch(/ALERT_COUNT=1\nOUTCOME=invalid\n$/);
  });
});

describe("a regression that a person accepts", () => {
  const accepted = ["--accepted-by", "Ann <b>", "--acceptance-reason", "a new codec `x` @team | https://a.example"];
  const compared = async (argv: readonly string[]) => {
    const io = memoryIo({ cwd: folder });
    const exitCode = await main([...argv, "--out-json", "a.json", "--out-md", "a.md"], io);
    return { exitCode, stderr: io.stderrText(), read: (name: string) => readFileSync(file(name), "utf8") };
  };

  it("is recorded, said first and escaped, and changes neither verdicts nor the exit code", async () => {
    const plain = await compared([...sides, "--mode", "strict"]);
    const before = JSON.parse(plain.read("a.json"));
    const { exitCode, stderr, read } = await compared([...sides, "--mode", "strict", ...accepted]);
    expect([plain.exitCode, exitCode]).toEqual([2, 2]);
    const { acceptance, generatedAt, ...made } = JSON.parse(read("a.json"));
    expect({ ...made, generatedAt: before.generatedAt }).toEqual(before);
    expect(acceptance).toEqual({ by: "Ann <b>", reason: accepted[3] });
    expect(generatedAt).toBeDefined();
    const [first] = read("a.md").split("\n");
    expect(first).toMatch(
      /^> \*\*Accepted\*\* by Ann &lt;b&gt;: a new codec \\`x\\` @\u2060team \\\| https\\:\/\/a\.example$/,
    );
    expect(stderr).toMatch(/^ {2}accepted +by Ann <b>: a new codec/m);
  });

  it("is not recorded where nothing regressed or nothing could be judged", async () => {
    for (const head of ["base.json", "hostile.json"]) {
      const { stderr, read } = await compared(["--base-summary", "base.json", "--head-summary", head, ...accepted]);
      expect(JSON.parse(read("a.json"))).not.toHaveProperty("acceptance");
      expect(stderr).toContain("note: nothing regressed, so there is nothing to accept");
    }
  });

  it.each([
    [["--accepted-by", "Ann"], "go together"],
    [["--acceptance-reason", "x"], "go together"],
    [["--accepted-by", "Ann\n::error::x", "--acceptance-reason", "x"], "one line"],
    [["--accepted-by", "Ann", "--acceptance-reason", "x".repeat(201)], "at most 200"],
    [["--accepted-by", " ", "--acceptance-reason", "x"], "one line"],
  ])("is refused as %j", async (argv, said) => {
    const { exitCode, stderr } = await compared([...sides, ...argv]);
    expect([exitCode, stderr]).toEqual([64, expect.stringContaining(said)]);
  });
});
