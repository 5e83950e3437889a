import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { datasetResolved, parseArtifact } from "@forgebench/artifacts";
import { writeBulkDataset } from "@forgebench/dataset";
import { type StandIn, startStandIn } from "@forgebench/github-stand-in";
import { EXIT, memoryIo } from "@forgebench/io";
import { SeededRandom } from "@forgebench/stats";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { main as download } from "./download-dataset.ts";
import { main as release } from "./release-dataset.ts";
import { hashesBelow, startScript } from "./test-helpers.ts";

/** FORGEBENCH_KILLS=100 kills so many downloads; each costs less than a second. */
const KILLS = Number(process.env.FORGEBENCH_KILLS ?? 2);
const TOKEN = "ghp_CanaryOfTheDownload123456789";
const ARCHIVE = "imageforge-bench-tier3-v1.0.0.tar.zst";
const MANIFEST = "benchmark-dataset-manifest-v1.0.0.json";
const CHECKSUMS = "sha256sums-v1.0.0.txt";

let root = "";
let standIn: StandIn;
const at = (...parts: string[]) => path.join(root, ...parts);

const repositories = ["octo/images", "octo/changed", "octo/torn", "octo/hostile"];

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "download dataset "));
  const permissions = { contents: "write", pullRequests: "none", issues: "none" } as const;
  standIn = await startStandIn({
    accounts: { [TOKEN]: { login: "wendy", permissions } },
    repositories: { ...Object.fromEntries(repositories.map((name) => [name, {}])), "octo/secret": { private: true } },
    // Sixty requests an hour are few for a test.
  });
  const signal = new AbortController().signal;
  const spec = { tierId: "tier3", datasetVersion: "1.0.0", sizeBytes: 3e6, signal, onProgress: () => undefined };
  await writeBulkDataset(at("assets"), spec);
  await Promise.all([...repositories, "octo/secret"].map(published));
});
afterEach(() => standIn.clearFaults());
afterAll(async () => {
  await standIn.stop();
  await rm(root, { recursive: true, force: true });
});

async function published(repository: string): Promise<void> {
  const io = memoryIo({ cwd: root, env: { GITHUB_TOKEN: TOKEN } });
  const args = ["--repo", repository, "--dataset-version", "1.0.0", "--assets-dir", "assets"];
  expect(await release([...args, "--api-url", standIn.apiUrl], io), io.stderrText()).toBe(EXIT.ok);
}

const argumentsOf = (repository: string, to: string, more: readonly string[]) => [
  ...["--repo", repository, "--dataset-version", "1.0.0", "--tier", "3", "--out-dir", to],
  ...["--api-url", standIn.apiUrl, ...more],
];

async function downloaded(repository: string, to: string, ...more: string[]) {
  const io = memoryIo({ cwd: root, env: { MY_TOKEN: TOKEN } });
  const exitCode = await download(argumentsOf(repository, to, more), io);
  return { exitCode, stdout: io.stdoutText(), stderr: io.stderrText() };
}

const archiveRequests = () => standIn.requests.filter(({ host }) => standIn.storageUrl.includes(host)).length;

describe("a released tier", () => {
  it("is fetched, checked, unpacked and named for its release", async () => {
    const { exitCode, stdout, stderr } = await downloaded("octo/images", "first");
    expect(exitCode, stderr).toBe(EXIT.ok);
    expect(stdout.split("\n").slice(0, 3)).toEqual([
      `DATASET_TIER_ROOT=${at("first", "tier3")}`,
      `DATASET_TIER_MANIFEST=${at("first", "tier3", "tier-manifest.json")}`,
      `DATASET_RESOLVED_JSON=${at("first", "tier3", "dataset-resolved.json")}`,
    ]);
    expect((await readdir(at("first"))).sort()).toEqual([MANIFEST, CHECKSUMS, "tier3"]);
    const file = at("first", "tier3", "dataset-resolved.json");
    const resolved = parseArtifact(datasetResolved, await readFile(file, "utf8"), file);
    expect(resolved).toMatchObject({
      source: "release",
      archive: { name: ARCHIVE },
      release: {
        repository: "octo/images",
        tag: "bench-dataset-v1.0.0",
        commit: expect.stringMatching(/^[0-9a-f]{40}$/),
      },
    });
    const { tiers } = JSON.parse(await readFile(at("assets", MANIFEST), "utf8"));
    expect(resolved.contentSha256).toBe(tiers[0].contentSha256);
  });

  it("is not fetched again when it is there and right, and is when an image has changed", async () => {
    await downloaded("octo/images", "again");
    const before = await hashesBelow(at("again"));
    const requests = archiveRequests();
    const same = await downloaded("octo/images", "again");
    expect(same).toMatchObject({ exitCode: EXIT.ok, stderr: expect.stringContaining("exists and is right") });
    // The two documents are asked for each time, the archive is not.
    expect(archiveRequests()).toBe(requests + 2);
    await appendFile(at("again", "tier3", "images", "000000.jpg"), "x");
    const mended = await downloaded("octo/images", "again");
    expect(mended.stderr).toContain("has changed since it was downloaded (images/000000.jpg)");
    expect(await hashesBelow(at("again"))).toEqual(before);
  });

  it.each([
    ["tier-manifest.json", (text: string) => text.replace('"createdAt": "2', '"createdAt": "3')],
    ["dataset-resolved.json", (text: string) => text.replace("octo/images", "octo/imagex")],
  ])("is fetched again when its %s has changed", async (name, change) => {
    await downloaded("octo/images", "documents");
    const before = await hashesBelow(at("documents"));
    const file = at("documents", "tier3", name);
    const text = await readFile(file, "utf8");
    expect(change(text)).not.toBe(text);
    await writeFile(file, change(text));
    const mended = await downloaded("octo/images", "documents");
    expect(mended.stderr).toContain(`has changed since it was downloaded (${name})`);
    expect(await hashesBelow(at("documents"))).toEqual(before);
  });

  it("is refused where a file has its name", async () => {
    await mkdir(at("occupied"));
    await writeFile(at("occupied", "tier3"), "mine");
    const { exitCode, stderr } = await downloaded("octo/images", "occupied");
    expect(exitCode).toBe(EXIT.output);
    expect(stderr).toContain(`Cannot replace "${at("occupied", "tier3")}": it is not a download of`);
    expect(await readFile(at("occupied", "tier3"), "utf8")).toBe("mine");
  });

  it("of a private repository comes with a token alone, which goes to the API alone", async () => {
    const hidden = await downloaded("octo/secret", "secret", "--allow-missing");
    expect(hidden).toMatchObject({ exitCode: EXIT.data, stdout: "" });
    expect(hidden.stderr).toContain("octo/secret");
    const shown = await downloaded("octo/secret", "secret", "--token-env", "MY_TOKEN");
    expect(shown.exitCode, shown.stderr).toBe(EXIT.ok);
    const told = standIn.requests.filter(({ headers }) => JSON.stringify(headers).includes(TOKEN));
    const { host } = new URL(standIn.apiUrl);
    expect(new Set(told.filter(({ method }) => method === "GET").map((request) => request.host))).toEqual(
      new Set([host]),
    );
    expect(JSON.stringify(await hashesBelow(at("secret"))) + shown.stdout + shown.stderr).not.toContain(TOKEN);
  });

  it("is what was expected, or refused", async () => {
    const right = await downloaded("octo/images", "expected", "--expect", path.join("assets", CHECKSUMS));
    expect(right.exitCode, right.stderr).toBe(EXIT.ok);
    const text = await readFile(at("assets", CHECKSUMS), "utf8");
    await writeFile(at("others.txt"), text.replace(/^[0-9a-f]{8}/gm, "00000000"));
    const wrong = await downloaded("octo/images", "unexpected", "--expect", "others.txt");
    expect(wrong).toMatchObject({ exitCode: EXIT.data, stdout: "" });
    expect(wrong.stderr).toContain(`${ARCHIVE}: expected 00000000`);
    expect(await readdir(root)).not.toContain("unexpected");
  });

  it("that GitHub does not give says what is needed, and what GitHub said", async () => {
    const message = `Resource not accessible with ${TOKEN}`;
    standIn.addFault({ match: /GET .*releases\/assets\/\d/, how: { kind: "status", status: 403, message }, times: 9 });
    const { exitCode, stderr } = await downloaded("octo/images", "refused", "--token-env", "MY_TOKEN");
    expect(exitCode).toBe(EXIT.data);
    expect(stderr).toContain("Resource not accessible with");
    expect(stderr).toContain("contents: read for this repository");
    expect(stderr).toContain('from the variable "MY_TOKEN"');
    expect(stderr).not.toContain("Canary");
  });

  it("comes whole over a connection that breaks", async () => {
    const how = { kind: "truncate", afterBytes: 1_000_000 } as const;
    standIn.addFault({ match: /tar\.zst/, times: 2, how });
    standIn.addFault({ match: /GET .*releases\/tags/, how: { kind: "status", status: 502 } });
    standIn.addFault({
      match: /GET .*releases\/assets\/\d/,
      how: { kind: "secondary-limit", retryAfterSeconds: 0 },
    });
    const { exitCode, stderr } = await downloaded("octo/images", "broken");
    expect(exitCode, stderr).toBe(EXIT.ok);
    expect(stderr).toContain("attempt 2 of 5");
  });
});

describe("what is not there", () => {
  it("is missing only where the repository answers and has no such release", async () => {
    const args = ["--dataset-version", "2.0.0", "--tier", "3", "--out-dir", "none", "--api-url", standIn.apiUrl];
    const asked = async (repository: string, ...more: string[]) => {
      const io = memoryIo({ cwd: root });
      return {
        exitCode: await download(["--repo", repository, ...args, ...more], io),
        stdout: io.stdoutText(),
        stderr: io.stderrText(),
      };
    };
    expect(await asked("octo/images")).toMatchObject({ exitCode: EXIT.data, stdout: "" });
    expect(await asked("octo/images", "--allow-missing")).toMatchObject({
      exitCode: EXIT.ok,
      stdout: "DATASET_MISSING=1\n",
    });
    expect(await readdir(root)).not.toContain("none");
    expect(await asked("octo/nowhere", "--allow-missing")).toMatchObject({ exitCode: EXIT.data, stdout: "" });
    standIn.addFault({ match: /releases\/tags/, times: 9, how: { kind: "status", status: 403, message: "no" } });
    expect(await asked("octo/images", "--allow-missing")).toMatchObject({ exitCode: EXIT.data, stdout: "" });
  });

  it("is named: another tier, an asset of the release", async () => {
    const io = memoryIo({ cwd: root });
    const args = ["--repo", "octo/images", "--dataset-version", "1.0.0", "--tier", "200", "--out-dir", "tiers"];
    expect(await download([...args, "--api-url", standIn.apiUrl], io)).toBe(EXIT.data);
    expect(io.stderrText()).toContain("it has no tier200, only tier3");
    await withoutAsset("octo/torn", MANIFEST);
    const torn = await downloaded("octo/torn", "torn", "--allow-missing");
    expect(torn).toMatchObject({
      exitCode: EXIT.data,
      stdout: "",
      stderr: expect.stringContaining(`it has no "${MANIFEST}"`),
    });
  });
});

describe("a release that changed", () => {
  it("is refused where an earlier download is", async () => {
    await downloaded("octo/changed", "changed");
    const before = await hashesBelow(at("changed"));
    await replaceAsset(
      "octo/changed",
      CHECKSUMS,
      `${await readFile(at("assets", CHECKSUMS), "utf8")}${"0".repeat(64)}  x\n`,
    );
    const { exitCode, stderr } = await downloaded("octo/changed", "changed");
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: EXIT.data,
      stderr: expect.stringContaining("never changes"),
    });
    expect(await hashesBelow(at("changed"))).toEqual(before);
    // A folder of another repository's download is not a release that changed.
    await downloaded("octo/images", "elsewhere");
    const other = await downloaded("octo/changed", "elsewhere");
    expect(other.exitCode).toBe(EXIT.data);
    expect(other.stderr).toContain('holds a download of "octo/images"');
    expect(other.stderr).not.toContain("never changes");
  });

  it("is refused where the archive is another one, and nothing is left", async () => {
    await replaceAsset("octo/hostile", ARCHIVE, Buffer.alloc(5000, 7));
    const { exitCode, stderr } = await downloaded("octo/hostile", "hostile");
    expect(exitCode).toBe(EXIT.data);
    expect(stderr).toMatch(/SHA-256 [0-9a-f]{64}, expected [0-9a-f]{64}/);
    expect((await readdir(at("hostile"))).sort()).toEqual([MANIFEST, CHECKSUMS]);
  });
});

it("does not replace what is somebody else's", async () => {
  await mkdir(at("foreign", "tier3"), { recursive: true });
  await writeFile(at("foreign", "tier3", "diary.txt"), "mine");
  const { exitCode, stderr } = await downloaded("octo/images", "foreign");
  expect(exitCode).toBe(EXIT.output);
  expect(stderr).toContain("it is not a download of bench-dataset-v1.0.0");
  expect(await readFile(at("foreign", "tier3", "diary.txt"), "utf8")).toBe("mine");
});

it(`ends right after ${KILLS} kills at random moments`, { timeout: 300_000 + KILLS * 60_000 }, async () => {
  await downloaded("octo/images", "whole");
  const whole = await hashesBelow(at("whole"));
  const random = new SeededRandom(process.env.FORGEBENCH_KILLS_SEED ?? "download");
  const to = "killed";
  const start = () => startScript("download-dataset", argumentsOf("octo/images", to, []), { cwd: root });
  let killedCount = 0;
  for (let kill = 0; kill < KILLS; kill += 1) {
    if (random.uniform() < 0.3) await rm(at(to, "tier3"), { recursive: true, force: true });
    // Slow enough to be met in the middle.
    standIn.addFault({ match: /tar\.zst/, how: { kind: "slow", bytesPerSecond: 10e6 } });
    const { child, ended } = start();
    // At any moment of the download; the first one surely within it.
    const before = archiveRequests();
    let isOver = false;
    void ended.then(() => {
      isOver = true;
    });
    while (!isOver && archiveRequests() < before + 1) await sleep(1);
    await sleep(kill === 0 ? 0 : 200 * random.uniform());
    child.kill("SIGKILL");
    const { signal } = await ended;
    if (signal === "SIGKILL") killedCount += 1;
    standIn.clearFaults();
    const found = Object.entries(await hashesBelow(at(to)).catch(() => ({}))).filter(
      ([name]) => !/(^|\/)\./.test(name),
    );
    for (const [name, sha256] of found) {
      if (name !== ARCHIVE) expect(sha256, `${name} after kill ${kill}`).toBe(whole[name]);
    }
  }
  expect(killedCount).toBeGreaterThan(0);
  const last = await downloaded("octo/images", to);
  expect(last.exitCode, last.stderr).toBe(EXIT.ok);
  expect(await hashesBelow(at(to))).toEqual(whole);
});

/** Takes an asset away behind the back of the release. */
async function withoutAsset(repository: string, name: string): Promise<string> {
  const headers = { authorization: `Bearer ${TOKEN}`, "user-agent": "test" };
  const found = await fetch(`${standIn.apiUrl}/repos/${repository}/releases/tags/bench-dataset-v1.0.0`, { headers });
  const { assets, upload_url: uploadUrl } = (await found.json()) as {
    readonly assets: readonly { readonly name: string; readonly url: string }[];
    readonly upload_url: string;
  };
  const asset = assets.find((candidate) => candidate.name === name);
  expect((await fetch(asset?.url ?? "", { method: "DELETE", headers })).status).toBe(204);
  return uploadUrl.replace(/\{.*$/, "");
}

async function replaceAsset(repository: string, name: string, body: string | Buffer): Promise<void> {
  const uploadUrl = await withoutAsset(repository, name);
  const headers = { authorization: `Bearer ${TOKEN}`, "user-agent": "test", "content-type": "text/plain" };
  const made = await fetch(`${uploadUrl}?name=${name}`, { method: "POST", headers, body });
  expect(made.status).toBe(201);
}
