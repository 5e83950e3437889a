import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { UsageError } from "@forgebench/errors";
import { afterAll, describe, expect, it } from "vitest";
import { cliPlacesInPlace, copyBuilds, readBuild, readPackageVersions } from "./build-folder.ts";

const root = realpathSync(mkdtempSync(path.join(os.tmpdir(), "builds ü-")));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function write(file: string, text: string): string {
  const full = path.join(root, file);
  mkdirSync(path.dirname(full), { recursive: true });
  writeFileSync(full, text);
  return full;
}

/** A project whose CLI needs its package.json, a file beside it and packages from two folders above. */
function makeProject(name: string): string {
  write(
    `${name}/node_modules/outer/package.json`,
    '{"name":"outer","version":"1.0.0","type":"module","exports":"./i.js"}',
  );
  write(`${name}/node_modules/outer/i.js`, "export const outer = 'outer';");
  write(
    `${name}/packages/tool/node_modules/inner/package.json`,
    '{"name":"inner","version":"2.0.0","type":"module","exports":"./i.js"}',
  );
  write(`${name}/packages/tool/node_modules/inner/i.js`, "export const inner = 'inner';");
  write(
    `${name}/packages/tool/package.json`,
    '{"type":"module","version":"3.1.4","dependencies":{"inner":"*","outer":"*","absent":"*"}}',
  );
  write(`${name}/packages/tool/dist/lib/part.js`, "export const part = 'part';");
  return write(
    `${name}/packages/tool/dist/cli.js`,
    `import { readFileSync } from "node:fs"; import { inner } from "inner"; import { outer } from "outer"; import { part } from "./lib/part.js";
     console.log(inner, outer, part, JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).version);`,
  );
}

const workspace = path.join(root, "workspace");
mkdirSync(workspace);
const read = (cli: string) => readBuild(cli, "--cli-path", workspace);
const runCli = (cli: string | undefined) => execFileSync(process.execPath, [cli ?? ""], { encoding: "utf8" }).trim();

describe("copyBuilds", () => {
  it("copies builds to both slots, at paths of equal length, so that they run as the originals do", async () => {
    const head = await read(makeProject("one"));
    const base = await read(makeProject("a longer name"));
    const places = await copyBuilds(path.join(workspace, "slots"), { head, base });
    const clis = [places.A.head, places.A.base, places.B.head, places.B.base];
    expect(new Set(clis).size).toBe(4);
    expect(new Set(clis.map((cli) => cli?.length)).size).toBe(1);
    for (const cli of clis) expect(runCli(cli)).toBe("inner outer part 3.1.4");
    expect(head.buildSha256).toBe(base.buildSha256);
  });

  it("keeps paths equal when only one of the two has packages above it", async () => {
    const head = await read(makeProject("deep"));
    const base = await read(write("flat/cli.js", "console.log('flat')"));
    const places = await copyBuilds(path.join(workspace, "uneven"), { head, base });
    expect(places.A.head?.length).toBe(places.B.base?.length);
    expect(runCli(places.A.head)).toBe("inner outer part 3.1.4");
    expect(runCli(places.B.base)).toBe("flat");
  });

  it("takes the packages of the CLI's own folder, and leaves out .git and the workspace", async () => {
    const cli = write("root/cli.mjs", 'import { own } from "own"; console.log(own);');
    write("root/node_modules/own/package.json", '{"name":"own","type":"module","exports":"./i.js"}');
    write("root/node_modules/own/i.js", "export const own = 'own';");
    write("root/.git/HEAD", "x");
    write("root/.tmp/bench/pool.jpg", "x");
    write("root/work/scratch/huge", "x");
    const build = await readBuild(cli, "--cli-path", path.join(root, "root/work"));
    expect(build.files).toEqual(["cli.mjs"]);
    const places = await copyBuilds(path.join(workspace, "own"), { head: build });
    expect(runCli(places.B.head)).toBe("own");
  });
});

describe("readBuild", () => {
  it("follows links to the file and tells changes beside the CLI apart", async () => {
    const cli = makeProject("linked");
    symlinkSync(cli, path.join(root, "link to cli"));
    const before = await read(path.join(root, "link to cli"));
    expect(before.cliFile).toBe(cli);
    write("linked/packages/tool/dist/lib/part.js", "export const part = 'other';");
    const after = await read(cli);
    expect(after.cliSha256).toBe(before.cliSha256);
    expect(after.buildSha256).not.toBe(before.buildSha256);
  });

  it("says why a folder cannot be copied; it is run where it is", async () => {
    const cli = write("many/cli.js", "");
    for (let index = 0; index < 2001; index += 1) writeFileSync(path.join(root, "many", `${index}`), "");
    const build = await read(cli);
    expect(build.obstacle).toBe("the CLI's folder holds more than 2000 files or 64 MiB");
    expect(cliPlacesInPlace({ head: build })).toEqual({ A: { head: cli }, B: { head: cli } });
    const dangling = write("dangling/cli.js", "");
    symlinkSync("nowhere", path.join(root, "dangling/link"));
    expect((await read(dangling)).obstacle).toBe(`the CLI's folder holds "link", which is not a plain file`);
  });

  it("names the flag when there is no such file", async () => {
    await expect(read(path.join(root, "nope.js"))).rejects.toThrow(UsageError);
    await expect(read(path.join(root, "nope.js"))).rejects.toThrow(
      `--cli-path: there is no file "${path.join(root, "nope.js")}"`,
    );
    await expect(read(root)).rejects.toThrow(`--cli-path: "${root}" is not a file`);
  });
});

describe("readPackageVersions", () => {
  it("finds the versions that the build resolves", async () => {
    expect(await readPackageVersions(await read(makeProject("versions")))).toEqual({ inner: "2.0.0", outer: "1.0.0" });
  });

  it("has none for a CLI without a package.json that lists any", async () => {
    const build = await read(write("bare/cli.js", readFileSync(import.meta.filename ?? "", "utf8")));
    expect(await readPackageVersions({ ...build, packageJson: write("bare/broken.json", "{") })).toEqual({});
  });
});
