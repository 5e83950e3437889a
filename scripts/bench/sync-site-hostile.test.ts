import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { BRANCH, nightly, type Site, startSite } from "./site-sync/test-helpers.ts";

/** What stands in a tree: a file, a link (`120000`), a submodule (`160000`, with a hash). */
type Entry = readonly [mode: "100644" | "100755" | "120000" | "160000", content: string];

/** A commit on `main` of exactly these entries beside what is there; unchecked, as only a hostile server would keep it. */
function plant(site: Site, entries: Readonly<Record<string, Entry>>): void {
  const lines = ["commit refs/heads/main", "committer Eve <eve@example.org> 1700000000 +0000", "data 1\nx"];
  lines.push("from refs/heads/main^0");
  for (const [file, [mode, content]] of Object.entries(entries)) {
    if (mode === "160000") lines.push(`M ${mode} ${content} ${file}`);
    else lines.push(`M ${mode} inline ${file}`, `data ${Buffer.byteLength(content)}`, content);
  }
  const folder = site.standIn.bareFolder("acme/site");
  const input = `${lines.join("\n")}\n`;
  execFileSync("git", ["-C", folder, "fast-import", "--quiet"], { input, stdio: ["pipe", "ignore", "inherit"] });
}

describe("a hostile website", () => {
  it("has nothing of it executed, and nothing else read or changed", async () => {
    const site = await startSite();
    const canary = path.join(site.folder, "executed");
    const touch = `touch "${canary}"`;
    const script = `require("fs").writeFileSync(${JSON.stringify(canary)}, "")`;
    plant(site, {
      ".gitattributes": [
        "100644",
        "* filter=evil diff=evil merge=evil text eol=crlf ident working-tree-encoding=UTF-16\n",
      ],
      ".gitconfig": ["100644", `[core]\n\tfsmonitor = ${touch}\n`],
      ".gitmodules": ["100644", `[submodule "s"]\n\tpath = s\n\turl = ext::sh -c "${touch}"\n\tupdate = !${touch}\n`],
      s: ["160000", "1".repeat(40)],
      ".GIT/config": ["100644", `[core]\n\thooksPath = hooks\n`],
      "git~1": ["100644", "x"],
      "hooks/pre-push": ["100755", `#!/bin/sh\n${touch}\n`],
      ".husky/pre-commit": ["100755", `#!/bin/sh\n${touch}\n`],
      "package.json": [
        "100644",
        JSON.stringify({ scripts: { preinstall: touch, prepare: touch }, prettier: "./evil.js" }),
      ],
      ".npmrc": ["100644", `script-shell=${canary}\nnode-options=--require ./evil.js\n`],
      "evil.js": ["100644", script],
      ".prettierrc.js": ["100644", script],
      "prettier.config.mjs": ["100644", script],
      ".prettierrc": ["120000", "/etc/passwd"],
      "data/.prettierrc": ["100644", JSON.stringify({ plugins: ["../evil.js"], tabWidth: 4 })],
      "data/benchmarks/.editorconfig": ["120000", "../../../../../../etc/passwd"],
      "DATA/benchmarks/latest.json": ["100644", "other"],
      "data/benchmarks/Latest.json": ["100644", "other"],
      "-x": ["100644", "x"],
      "--upload-pack=x": ["100644", "x"],
    });
    const home = path.join(site.folder, "home");
    mkdirSync(home);
    const drivers = `clean = ${touch}\n\tsmudge = ${touch}\n[diff "evil"]\n\ttextconv = ${touch}\n\tcommand = ${touch}\n`;
    const config = `[filter "evil"]\n\t${drivers}[core]\n\thooksPath = ${site.folder}\n[merge "evil"]\n\tdriver = ${touch}\n`;
    writeFileSync(path.join(home, ".gitconfig"), config);

    const before = site.git("ls-tree", "-r", "main");
    const dry = await site.sync([nightly(1)], { env: { HOME: home }, flags: ["--dry-run"] });
    expect(dry.exitCode, dry.stderr).toBe(0);
    const { exitCode, stderr } = await site.sync([nightly(1)], { env: { HOME: home } });
    expect(exitCode, stderr).toBe(0);
    expect(existsSync(canary)).toBe(false);
    expect(stderr).toContain(".prettierrc is a link and is not read");
    expect(dry.stderr + stderr).not.toContain("root:");
    const after = site.git("ls-tree", "-r", BRANCH).split("\n");
    const isOurs = (line: string) => /\tdata\/benchmarks\/(latest|history)\.json$/.test(line);
    expect(after.filter((line) => !isOurs(line)).join("\n")).toBe(before);
    expect(site.git("show", `${BRANCH}:data/benchmarks/latest.json`)).toContain('\n    "schemaVersion"');
  });

  const refuses = async (entries: Readonly<Record<string, Entry>>, file: string) => {
    const site = await startSite();
    plant(site, entries);
    const { exitCode, stderr } = await site.sync([nightly(1)]);
    expect([exitCode, site.writesSince(0)]).toEqual([65, []]);
    expect(stderr).toContain(`branch main: ${file}": it `);
    expect(stderr).toMatch(/: it (is no (folder|plain file), but a (link|submodule|file|folder)|has 100000000 bytes)/);
    expect(stderr).not.toContain("root:");
  };

  it.each<readonly [string, Readonly<Record<string, Entry>>, string]>([
    ["data a link", { data: ["120000", "/etc"] }, "data"],
    ["the folder a link", { "data/benchmarks": ["120000", "/etc"] }, "data/benchmarks"],
    ["the folder a submodule", { "data/benchmarks": ["160000", "1".repeat(40)] }, "data/benchmarks"],
    ["the folder a file", { "data/benchmarks": ["100644", "x"] }, "data/benchmarks"],
    ["latest a link", { "data/benchmarks/latest.json": ["120000", "/etc/passwd"] }, "data/benchmarks/latest.json"],
    ["history a folder", { "data/benchmarks/history.json/x": ["100644", "x"] }, "data/benchmarks/history.json"],
  ])("with %s is refused and left alone", (_, entries, file) => refuses(entries, file));

  it("with a history that is too large is refused and left alone", { tags: ["slow"] }, async () => {
    const file = "data/benchmarks/history.json";
    await refuses({ [file]: ["100644", " ".repeat(100e6)] }, file);
  });
});
