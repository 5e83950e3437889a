import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { datasetManifest, fetchReport, parseArtifact } from "@forgebench/artifacts";
import { picture, pictures, putSynthetic } from "@forgebench/dataset/testing";
import { memoryIo, sha256Of } from "@forgebench/io";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { main as buildTiers } from "./build-tiers.ts";
import { main as fetchSources } from "./fetch-sources.ts";

const root = mkdtempSync(path.join(os.tmpdir(), "fetch dataset "));
const at = (...parts: string[]) => path.join(root, ...parts);
const served = new Map<string, Buffer>();
const server = http.createServer((request, response) => {
  const body = served.get(path.basename(request.url ?? ""));
  response.writeHead(body === undefined ? 404 : 200).end(body);
});
let origin = "";

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(root, { recursive: true, force: true });
});

async function fetchInto(folder: string, register: unknown, ...args: string[]) {
  writeFileSync(at("sources.json"), JSON.stringify(register));
  const io = memoryIo({ cwd: root });
  const flags = ["--sources-file", "sources.json", "--out-dir", folder, "--attempts", "1", ...args];
  return { exit: await fetchSources(flags, io), stderr: io.stderrText() };
}

describe("a register as people write it", () => {
  const titles = ["Harbour | at dusk", "", "Meadow <b>", "Pier"];
  const licenses = ["CC BY-SA 3.0", "Public Domain", "CC-BY-4.0", "CC0-1.0"];

  /** Half of what a tier of 20 takes is served, the other half is synthetic. */
  async function prepare() {
    const all = [...(await pictures(20))];
    const half = all.filter((_, index) => index % 2 === 0);
    for (const [name, content] of half) served.set(name, content);
    await putSynthetic(at("synthetic"), new Map(all.filter((_, index) => index % 2 === 1)));
    const sources = half.map(([filename, content], index) => ({
      id: `source-${index}`,
      url: `${origin}/${filename}`,
      filename,
      title: titles[index % 4],
      license: licenses[index % 4],
      attribution: index % 4 === 1 ? "" : `Person ${index}`,
      sha256: index < 4 ? "" : sha256Of(content),
      enabled: true,
    }));
    return { version: "1.0", updatedAt: "2026-02-15", policy: { accepted: ["CC BY-SA 3.0"] }, sources };
  }

  it("gives tiers that say who made what, and a dataset that says what nobody can check", async () => {
    const register = await prepare();
    const strict = await fetchInto("fetched", register);
    expect(strict.stderr).toContain("error: Cannot fetch 4 of 10 sources (4 missing-hash)\n");
    expect(strict.exit).toBe(65);
    expect((await fetchInto("fetched", register, "--allow-unpinned-sources")).exit).toBe(0);

    const io = memoryIo({ cwd: root });
    const inputs = ["--sources-dir", "fetched", "--synthetic-dir", "synthetic", "--tiers", "20"];
    const outputs = ["--out-dir", "assets", "--build-dir", "build", "--dataset-version", "1.0.0"];
    expect(await buildTiers([...inputs, ...outputs], io)).toBe(0);
    const text = readFileSync(at("build/v1.0.0/tier20/ATTRIBUTION.md"), "utf8");
    const sections = new Map(text.split("\n## ").map((section) => [section.split("\n")[0], section]));
    const link = (filename = "") => `http\\://${origin.slice("http://".length)}/${filename.replace(/[_~]/g, "\\$&")}`;
    const shown = ["Harbour \\| at dusk", "", "Meadow &lt;b&gt;", "Pier"];
    for (const [index, { license = "", attribution, filename, id }] of register.sources.entries()) {
      const row = `| ${shown[index % 4]} | ${attribution} | ${id}, ${link(filename)} |`;
      expect(sections.get(license.replace(/_/g, "\\_"))).toContain(row);
    }
    const manifest = at("assets/benchmark-dataset-manifest-v1.0.0.json");
    const { sourcePolicy } = parseArtifact(datasetManifest, readFileSync(manifest, "utf8"), manifest);
    expect(sourcePolicy).toMatchObject({
      unpinnedSources: ["source-0", "source-1", "source-2", "source-3"],
      waivers: ["allowUnpinnedSources"],
    });
  });
});

describe("a disk that is full while sources come", () => {
  it("ends the run with 73 and nothing half under a name; the next run goes on", async (context) => {
    const folder = at("small disk");
    mkdirSync(folder);
    const mount = (...options: readonly string[]) =>
      process.platform === "linux" && spawnSync("mount", [...options, folder]).status === 0;
    if (!mount("-t", "tmpfs", "-o", "size=2m", "tmpfs"))
      context.skip("mounting a small file system is not allowed here");
    try {
      const sources = await Promise.all(
        ["small", "large", "larger"].map(async (id, index) => {
          // What follows the end of a JPEG is passed over.
          const content = Buffer.concat([await picture("jpg", index), Buffer.alloc(index * 1_500_000, id)]);
          served.set(`${id}.jpg`, content);
          const facts = { license: "CC0-1.0", attribution: "", sha256: sha256Of(content) };
          return { id, url: `${origin}/${id}.jpg`, filename: `${id}.jpg`, ...facts };
        }),
      );
      expect((await fetchInto(folder, sources.slice(0, 1))).exit).toBe(0);
      const before = readFileSync(path.join(folder, fetchReport.fileName), "utf8");
      for (const args of [[], ["--allow-partial"]]) {
        const full = await fetchInto(folder, sources, ...args);
        expect(full.stderr).toContain("no space left on the device");
        expect(full.exit).toBe(73);
        expect(readdirSync(folder).toSorted()).toEqual([".fetching", fetchReport.fileName, "small.jpg"]);
        expect(readFileSync(path.join(folder, fetchReport.fileName), "utf8")).toBe(before);
      }
      expect(mount("-o", "remount,size=16m")).toBe(true);
      expect((await fetchInto(folder, sources)).exit).toBe(0);
      expect(readdirSync(folder).toSorted()).toEqual([fetchReport.fileName, "large.jpg", "larger.jpg", "small.jpg"]);
      for (const { filename } of sources) {
        expect(readFileSync(path.join(folder, filename)).equals(served.get(filename) ?? Buffer.of())).toBe(true);
      }
    } finally {
      spawnSync("umount", [folder]);
    }
  });
});
