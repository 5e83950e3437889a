import { execFileSync } from "node:child_process";
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { formatChecksums } from "@forgebench/artifacts";
import { archiveName, assetNames, writeBulkDataset } from "@forgebench/dataset";
import { type StandIn, startStandIn } from "@forgebench/github-stand-in";
import { memoryIo, sha256Of } from "@forgebench/io";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { main as assertAbsent } from "./assert-dataset-tag-absent.ts";
import { main as release } from "./release-dataset.ts";

const TOKEN = "ghp_CanaryOfTheScripts1234567890";
const NONE = { contents: "none", pullRequests: "none", issues: "none" } as const;

let folder: string;
let standIn: StandIn;

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), "release-dataset-"));
  standIn = await startStandIn({
    accounts: {
      [TOKEN]: { login: "wendy", permissions: { ...NONE, contents: "write" } },
      "t-reader": { login: "rita", permissions: { ...NONE, contents: "read" } },
      "t-old": { login: "olga", permissions: NONE, expired: true },
    },
    repositories: {
      "octo/images": {},
      "octo/drafts": {},
      "octo/tags": {},
      "octo/renamed": { renamedFrom: ["octo/before"] },
      "octo/secret": { private: true },
    },
  });
});
afterAll(async () => {
  await standIn.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Made {
  readonly version?: string;
  readonly licenses?: readonly string[];
  readonly change?: (dir: string, names: AssetNames) => void;
}

interface AssetNames {
  readonly manifest: string;
  readonly checksums: string;
  readonly archive: string;
}

let made = 0;

/** A folder as `build-tiers` leaves it, with a small archive; `change` comes last. */
async function assetsFolder({ version = "1.0.0", licenses = ["CC0-1.0"], change }: Made = {}): Promise<string> {
  const dir = path.join(folder, `assets-${++made}`);
  const names = { ...assetNames(version), archive: archiveName("tier2", version) };
  const signal = new AbortController().signal;
  const spec = { tierId: "tier2", datasetVersion: version, sizeBytes: 9000, signal, onProgress: () => undefined };
  const manifest = await writeBulkDataset(dir, spec);
  rewrite(dir, names, { ...manifest, sourcePolicy: { origins: ["synthetic", "lake", "hill"], licenses } });
  change?.(dir, names);
  return dir;
}

/** Writes another manifest, and checksums that fit the archive and it. */
function rewrite(dir: string, names: AssetNames, manifest: object): void {
  const text = `${JSON.stringify(manifest)}\n`;
  const archive = readFileSync(path.join(dir, names.archive));
  writeFileSync(path.join(dir, names.manifest), text);
  const sums = [
    { file: names.archive, sha256: sha256Of(archive) },
    { file: names.manifest, sha256: sha256Of(text) },
  ];
  writeFileSync(path.join(dir, names.checksums), formatChecksums(sums));
}

/** Another archive, of which manifest and checksums say the right SHA-256. */
function putArchive(dir: string, names: AssetNames, archive: Buffer): void {
  const manifest = JSON.parse(readFileSync(path.join(dir, names.manifest), "utf8"));
  const [tier] = manifest.tiers;
  writeFileSync(path.join(dir, names.archive), archive);
  rewrite(dir, names, { ...manifest, tiers: [{ ...tier, sha256: sha256Of(archive), sizeBytes: archive.length }] });
}

interface Call {
  readonly repo?: string;
  readonly version?: string;
  readonly token?: string | undefined;
  readonly more?: readonly string[];
}

/** Runs a script against the stand-in; no output of any kind may show the token. */
async function run(main: typeof release, { repo = "octo/images", version = "1.0.0", more = [], ...call }: Call) {
  const token = "token" in call ? call.token : TOKEN;
  const io = memoryIo({ cwd: folder, env: token === undefined ? {} : { GITHUB_TOKEN: token } });
  const flags = ["--repo", repo, "--dataset-version", version, "--api-url", standIn.apiUrl, ...more];
  const exitCode = await main(flags, io);
  const stderr = io.stderrText();
  expect(io.stdoutText() + stderr).not.toMatch(/Canary|Q2FuYXJ5|NhbmFye|DYW5hcn/);
  return { exitCode, stdout: io.stdoutText(), stderr };
}

const releasing = (dir: string, call: Call = {}) =>
  run(release, { ...call, more: ["--assets-dir", dir, ...(call.more ?? [])] });

interface ShownRelease {
  readonly id: number;
  readonly sha: string;
  readonly body: string;
  readonly html_url: string;
  readonly assets: readonly { readonly name: string }[];
}

/** What the API answers to somebody who may write. */
async function api(method: string, where: string, body?: unknown): Promise<ShownRelease> {
  const response = await fetch(`${standIn.apiUrl}/repos/${where}`, {
    method,
    headers: { authorization: `Bearer ${TOKEN}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await response.json()) as ShownRelease;
}

describe("a release", () => {
  it("is absent, planned, made, unchanged, and then no longer absent", async () => {
    const dir = await assetsFolder({ licenses: ["CC0-1.0", "CC-BY-4.0 <b>@octo</b> | x"] });
    expect(await run(assertAbsent, {})).toMatchObject({ exitCode: 0, stdout: "DATASET_TAG_ABSENT=1\n" });

    const planned = await releasing(dir, { more: ["--dry-run"] });
    expect(planned).toMatchObject({ exitCode: 0, stdout: "RELEASE=planned\n" });
    expect(planned.stderr).toContain("would: make a draft\n");
    expect(planned.stderr).toContain('would: upload "sha256sums-v1.0.0.txt"');
    expect(standIn.requests.filter(({ method }) => method !== "GET")).toEqual([]);

    const first = await releasing(dir);
    expect(first.exitCode, first.stderr).toBe(0);
    expect(first.stdout).toMatch(/^RELEASE_URL=http:\S+\/releases\/tag\/bench-dataset-v1\.0\.0\nRELEASE=created\n$/);
    const made = await api("GET", "octo/images/releases/tags/bench-dataset-v1.0.0");
    expect(made).toMatchObject({ draft: false, prerelease: false, name: "Benchmark dataset 1.0.0" });
    expect(made.body).toContain("- CC-BY-4.0 &lt;b&gt;@\u2060octo&lt;/b&gt; \\| x");
    expect(made.body).toContain("sha256sum -c sha256sums-v1.0.0.txt");
    expect(made.body).toContain("| tier2 | 1 |");

    expect((await releasing(dir)).stdout).toContain("RELEASE=unchanged\n");
    const present = await run(assertAbsent, {});
    expect(present.exitCode).toBe(73);
    expect(present.stderr).toContain('"bench-dataset-v1.0.0" is released in "octo/images" already');
    expect(present.stderr).toMatch(/commit +[0-9a-f]{40}/);

    const other = await releasing(await assetsFolder({ licenses: ["CC0-1.0", "MIT"] }));
    expect(other.exitCode).toBe(73);
    expect(other.stderr).toContain('"benchmark-dataset-manifest-v1.0.0.json" has');
  });

  it("of a version that is to come is marked so, and takes the commit that it is given", async () => {
    const commit = execFileSync("git", ["rev-parse", "HEAD"], {
      cwd: standIn.bareFolder("octo/images"),
      encoding: "utf8",
    }).trim();
    const version = "1.1.0-rc.1";
    const done = await releasing(await assetsFolder({ version }), { version, more: ["--commit", commit] });
    expect(done.exitCode, done.stderr).toBe(0);
    expect(done.stderr).toContain(`its tag is at ${commit}`);
    const made = await api("GET", `octo/images/releases/tags/bench-dataset-v${version}`);
    expect(made).toMatchObject({ prerelease: true, target_commitish: commit });
  });

  it("that was stopped is continued, and that is no obstacle to the assertion", async () => {
    const version = "1.2.0";
    const dir = await assetsFolder({ version });
    standIn.addFault({ match: /assets\?name=sha256sums/, how: { kind: "status", status: 403 }, times: 9 });
    const stopped = await releasing(dir, { version });
    standIn.clearFaults();
    expect(stopped.exitCode).toBe(73);
    expect(stopped.stderr).toContain("contents: write for this repository");
    const absent = await run(assertAbsent, { version });
    expect(absent).toMatchObject({ exitCode: 0, stdout: "DATASET_TAG_ABSENT=1\n" });
    expect(absent.stderr).toContain("a release that was stopped left a draft");
    const continued = await releasing(dir, { version });
    expect(continued.stdout).toContain("RELEASE=continued\n");
    // Only the checksums were left to send.
    expect(continued.stderr).toMatch(/upload MB +100 % +1\/1 .* sha256sums-/);
  });
});

describe("what is in the way", () => {
  it("a draft of a person stops both, and is left alone", async () => {
    const draft = await api("POST", "octo/drafts/releases", { tag_name: "bench-dataset-v1.0.0", draft: true });
    for (const { exitCode, stderr } of [
      await run(assertAbsent, { repo: "octo/drafts" }),
      await releasing(await assetsFolder(), { repo: "octo/drafts" }),
      await releasing(await assetsFolder(), { repo: "octo/drafts", more: ["--dry-run"] }),
    ]) {
      expect(exitCode).toBe(73);
      expect(stderr).toContain(draft.html_url);
    }
    expect(await api("GET", `octo/drafts/releases/${draft.id}`)).toMatchObject({ draft: true, assets: [] });
  });

  it("so does a tag without a release, with its commit", async () => {
    const { sha } = await api("GET", "octo/tags/commits/main");
    await api("POST", "octo/tags/git/refs", { ref: "refs/tags/bench-dataset-v1.0.0", sha });
    for (const { exitCode, stderr } of [
      await run(assertAbsent, { repo: "octo/tags" }),
      await releasing(await assetsFolder(), { repo: "octo/tags" }),
    ]) {
      expect(exitCode).toBe(73);
      expect(stderr).toContain(sha);
    }
  });

  it.each<[string, Call, RegExp]>([
    ["an expired token", { token: "t-old" }, /valid and not expired into "GITHUB_TOKEN"/],
    ["a token that nobody knows", { token: "t-none" }, /valid and not expired into "GITHUB_TOKEN"/],
    ["a repository that is hidden", { repo: "octo/secret", token: "t-none" }, /GITHUB_TOKEN/],
    ["a repository that is not there", { repo: "octo/absent" }, /it does not exist, or this token cannot see it/],
    ["a renamed repository", { repo: "octo/before" }, /was renamed or moved \(status 301\): octo\/renamed/],
  ])("%s is an error of both that says what helps", async (_name, call, expected) => {
    for (const { exitCode, stderr, stdout } of [
      await run(assertAbsent, call),
      await releasing(await assetsFolder(), { ...call, version: "1.0.0" }),
    ]) {
      expect(exitCode).toBe(65);
      expect(stderr).toMatch(expected);
      expect(stdout).toBe("");
    }
  });

  it("a token that may only read is told what it lacks", async () => {
    const version = "3.0.0";
    for (const more of [[], ["--dry-run"]]) {
      const call = { version, token: "t-reader", more };
      const { exitCode, stdout, stderr } = await releasing(await assetsFolder({ version }), call);
      expect({ exitCode, stdout }).toEqual({ exitCode: 73, stdout: "" });
      expect(stderr).toContain("contents: write for this repository");
      expect(stderr).toContain('from the variable "GITHUB_TOKEN"');
    }
    const hidden = await releasing(await assetsFolder({ version }), { version, repo: "octo/secret", token: "t-none" });
    expect(hidden.stderr).not.toContain("contents: read");
  });

  it("without a token, or with one that only reads, it is said that drafts are not seen", async () => {
    const version = "9.0.0";
    const anonymous = await run(assertAbsent, { version, token: undefined });
    expect(anonymous).toMatchObject({ exitCode: 0, stdout: "DATASET_TAG_ABSENT=1\n" });
    expect(anonymous.stderr).toContain("without a token drafts cannot be seen");
    const reader = await run(assertAbsent, { version, token: "t-reader" });
    expect(reader).toMatchObject({ exitCode: 0 });
    expect(reader.stderr).toContain("only a token with write access can see drafts; this one has none");
  });
});

describe("before anything is asked", () => {
  const append = (key: "manifest" | "checksums" | "archive", text: string): Made => ({
    change: (dir, names) => appendFileSync(path.join(dir, names[key]), text),
  });
  const remove = (key: "manifest" | "checksums" | "archive"): Made => ({
    change: (dir, names) => rmSync(path.join(dir, names[key])),
  });

  it.each<[string, Made, RegExp]>([
    ["no checksums", remove("checksums"), /checksums ".*sha256sums-v2\.0\.0\.txt": there is no such file/],
    ["no manifest", remove("manifest"), /there is no such file/],
    ["no archive", remove("archive"), /tier2-v2\.0\.0\.tar\.zst": there is no such file/],
    ["checksums that are none", append("checksums", "hello\n"), /line 3: expected "SHA256 {2}FILE"/],
    [
      "a file more in the checksums",
      append("checksums", `${"0".repeat(64)}  x.exe\n`),
      /"x\.exe" is listed, but is not/,
    ],
    ["an archive with other bytes", append("archive", "!"), /bytes, the manifest says/],
    ["a manifest with other bytes", append("manifest", " "), /its SHA-256 is [0-9a-f]{64}, the checksums say/],
    ["pictures without a licence", { licenses: ["CC0-1.0", "unspecified"] }, /from 2 origins is "unspecified"/],
    [
      "an archive that is none",
      { change: (dir, names) => putArchive(dir, names, Buffer.from("no archive")) },
      /no Zstandard frame/,
    ],
    [
      "an archive with other images",
      {
        change: (dir, names) => {
          const manifest = JSON.parse(readFileSync(path.join(dir, names.manifest), "utf8"));
          rewrite(dir, names, { ...manifest, tiers: [{ ...manifest.tiers[0], contentSha256: "0".repeat(64) }] });
        },
      },
      /tar\.zst: tier-manifest\.json: contentSha256 of its files: expected "0{64}"/,
    ],
    ["no licence at all", { licenses: [] }, /from 2 origins is not stated/],
  ])("%s is refused with 65", async (_name, made, expected) => {
    const asked = standIn.requests.length;
    const { exitCode, stderr } = await releasing(await assetsFolder({ version: "2.0.0", ...made }), {
      version: "2.0.0",
    });
    expect(exitCode).toBe(65);
    expect(stderr).toMatch(expected);
    expect(standIn.requests).toHaveLength(asked);
  });

  it("a manifest of another version is refused", async () => {
    const dir = await assetsFolder({ version: "2.0.0" });
    const names = assetNames("2.1.0");
    for (const [from, to] of [
      [assetNames("2.0.0").manifest, names.manifest],
      [assetNames("2.0.0").checksums, names.checksums],
    ]) {
      writeFileSync(path.join(dir, to ?? ""), readFileSync(path.join(dir, from ?? "")));
    }
    const { exitCode, stderr } = await releasing(dir, { version: "2.1.0" });
    expect(exitCode).toBe(65);
    expect(stderr).toContain('it is of version "2.0.0", expected "2.1.0"');
  });

  it("what else lies in the folder is named and not uploaded", async () => {
    const version = "4.0.0";
    const dir = await assetsFolder({ version, change: (at) => writeFileSync(path.join(at, "secret.env"), "x") });
    const { exitCode, stderr } = await releasing(dir, { version });
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toContain('note: "secret.env" is no file of this dataset and is not uploaded');
    const made = await api("GET", `octo/images/releases/tags/bench-dataset-v${version}`);
    expect(made.assets.map(({ name }) => name).sort()).toEqual(
      readdirSync(dir)
        .filter((name) => name !== "secret.env")
        .sort(),
    );
  });
});
