import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { type Fault, type StandIn, startStandIn } from "@forgebench/github-stand-in";
import { Credential, sha256Of } from "@forgebench/io";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type GitHub, gitHubClient, send } from "../client/client.ts";
import { findRelease, findTag, listAssets } from "./find-releases.ts";
import { releaseMarker } from "./plan-release.ts";
import { publishRelease, type ReleaseJob } from "./publish-release.ts";
import { readReleaseState } from "./release-state.ts";

const TOKEN = "ghp_CanaryReleaseToken1234567890";
const REPO = "octo/images";
const TAG = "bench-dataset-v1.0.0";
const PERMISSIONS = { contents: "write", pullRequests: "none", issues: "none" } as const;

let folder: string;
let standIn: StandIn;

beforeEach(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), "publish-release-"));
  standIn = await startStandIn({
    folder: path.join(folder, "stand-in"),
    accounts: {
      [TOKEN]: { login: "wendy", permissions: PERMISSIONS },
      reader: { login: "rita", permissions: { ...PERMISSIONS, contents: "read" } },
      old: { login: "olga", permissions: PERMISSIONS, expired: true },
    },
    repositories: { [REPO]: { renamedFrom: ["octo/pictures"] }, "octo/secret": { private: true } },
  });
});
afterEach(async () => {
  await standIn.stop();
  rmSync(folder, { recursive: true, force: true });
});

function client(token = TOKEN): { readonly github: GitHub; readonly waits: string[] } {
  const waits: string[] = [];
  const github = gitHubClient({
    apiUrl: standIn.apiUrl,
    credential: new Credential(token, "GITHUB_TOKEN", standIn.apiUrl),
    signal: new AbortController().signal,
    onWait: (message: string) => waits.push(message),
    retryBaseMs: 2,
  });
  return { github, waits };
}

/** Three files of a made-up dataset, the last of them the checksums. */
function job(seed = "a", repository = REPO): ReleaseJob {
  const dir = path.join(folder, seed);
  mkdirSync(dir, { recursive: true });
  const write = (name: string, content: Buffer) => {
    writeFileSync(path.join(dir, name), content);
    const contentType = "application/octet-stream";
    return { name, sizeBytes: content.length, sha256: sha256Of(content), path: path.join(dir, name), contentType };
  };
  const one = write("one.zst", seed === "a" ? Buffer.alloc(700_000, "one") : randomBytes(1000));
  const two = write("two.json", Buffer.from(`{"two":"${seed}"}`));
  const checksums = write("sums.txt", Buffer.from(`${one.sha256}  one.zst\n${two.sha256}  two.json\n`));
  const files = [checksums, one, two];
  return {
    repository,
    local: { tag: TAG, files, checksums },
    files,
    text: { tag: TAG, title: "Dataset", body: `text\n\n${releaseMarker(checksums.sha256)}`, isPrerelease: false },
  };
}

interface Watched {
  readonly notes: string[];
  readonly watcher: Parameters<typeof publishRelease>[2];
}

function watching(): Watched {
  const notes: string[] = [];
  const watcher = {
    onNote: (note: string) => void notes.push(note),
    onUpload: () => undefined,
    onVerify: () => undefined,
  };
  return { notes, watcher };
}

async function publish(what = job(), github = client().github) {
  const { notes, watcher } = watching();
  return { ...(await publishRelease(github, what, watcher)), notes };
}

async function failureOf(work: Promise<unknown>): Promise<{ message: string; failure: string; details: unknown }> {
  return work.then(
    () => {
      throw new Error("it succeeded");
    },
    (error) => error,
  );
}

/** What everybody sees, and that it is exactly one release with exactly these files. */
async function expectReleased(what = job()): Promise<void> {
  const { github } = client();
  const seen = await findRelease(github, REPO, TAG);
  expect(seen).toMatchObject({ isDraft: false, tagName: TAG });
  if (seen === undefined) return;
  const assets = await listAssets(github, REPO, seen);
  const shown = assets.map(({ name, sha256, sizeBytes, isUploaded }) => ({ name, sha256, sizeBytes, isUploaded }));
  const wanted = what.files.map(({ name, sha256, sizeBytes }) => ({ name, sha256, sizeBytes, isUploaded: true }));
  expect(new Set(shown)).toEqual(new Set(wanted));
  const { data } = await send(github, "GET /repos/octo/images/releases", {});
  expect(data, JSON.stringify(data)).toHaveLength(1);
}

const writes = () =>
  standIn.requests.filter(({ method }) => method !== "GET").map(({ method, url }) => `${method} ${url}`);

describe("a release", () => {
  it("is made, verified by downloading, published and read back; again, it is unchanged and nothing is written", async () => {
    const first = await publish();
    expect(first).toMatchObject({ status: "created", notes: [] });
    await expectReleased();
    const { github } = client();
    expect((await findTag(github, REPO, TAG))?.commit).toBe(first.commit);
    const before = writes().length;
    expect(before).toBe(5);
    expect(await publish()).toMatchObject({ status: "unchanged", commit: first.commit });
    expect(writes()).toHaveLength(before);
    const downloads = standIn.requests.filter(({ headers }) => headers.accept === "application/octet-stream");
    expect(downloads.length).toBeGreaterThanOrEqual(3);
    const stored = standIn.requests.filter(({ host }) => host === new URL(standIn.storageUrl).host);
    expect(stored.length).toBeGreaterThanOrEqual(3);
    expect(stored.filter(({ headers }) => "authorization" in headers)).toEqual([]);
    expect(readdirSync(os.tmpdir()).filter((name) => name.startsWith(`forgebench-verify-${process.pid}-`))).toEqual([]);
  });

  it("shows nothing before it is published", async () => {
    const { github } = client();
    const anonymous = gitHubClient({ ...github.access, credential: undefined });
    const seen: unknown[] = [];
    const { watcher } = watching();
    const onVerify = () => {
      seen.push(send(anonymous, "GET /repos/octo/images/releases", {}).then(({ data }) => data));
    };
    await publishRelease(github, job(), { ...watcher, onVerify });
    expect((await Promise.all(seen)).slice(0, 3)).toEqual([[], [], []]);
  });

  it("with other bytes under the same tag is refused and left alone", async () => {
    await publish();
    const before = writes().length;
    const error = await failureOf(publish(job("b")));
    expect(error).toMatchObject({ failure: "output" });
    expect(JSON.stringify(error.details)).toContain("one.zst");
    expect(writes()).toHaveLength(before);
    await expectReleased();
  });

  it("does not take a tag that is there", async () => {
    const { github } = client();
    const { data } = await send(github, "GET /repos/octo/images/commits/main", {});
    const { sha } = data as { sha: string };
    await send(github, "POST /repos/octo/images/git/refs", { ref: `refs/tags/${TAG}`, sha });
    const error = await failureOf(publish());
    expect(error).toMatchObject({ failure: "output" });
    expect(error.message).toContain("without a release");
    expect(JSON.stringify(error.details)).toContain(sha);
  });

  it("does not touch a draft of a person", async () => {
    const { github } = client();
    await send(github, "POST /repos/octo/images/releases", { tag_name: TAG, draft: true, body: "by hand" });
    const before = writes().length;
    const error = await failureOf(publish());
    expect(error.message).toContain("that this program did not make");
    expect(writes()).toHaveLength(before);
  });

  it("takes the commit that it is given, and refuses one that is not there", async () => {
    const error = await failureOf(publish({ ...job(), commit: "0123456789012345678901234567890123456789" }));
    expect(error).toMatchObject({ failure: "data" });
    expect(error.message).toContain('it has no commit "0123456789012345678901234567890123456789"');
    expect((await readReleaseState(client().github, REPO, TAG)).drafts).toEqual([]);
  });
});

describe("a run that was stopped", () => {
  it("is continued: what is right stays, what is cut or wrong is sent again", async () => {
    const { github } = client();
    const what = job();
    standIn.addFault({ match: /^POST .*assets\?name=two\.json/, how: { kind: "status", status: 403 }, times: 99 });
    expect(await failureOf(publish(what))).toMatchObject({ failure: "output" });
    standIn.clearFaults();
    const [draft] = (await readReleaseState(github, REPO, TAG)).drafts;
    expect(draft?.assets.map(({ name }) => name)).toEqual(["one.zst"]);
    const again = await publish(what);
    expect(again.status).toBe("continued");
    expect(again.release.id).toBe(draft?.release.id);
    expect(again.notes).toContain('"one.zst" is uploaded already');
    expect(writes().filter((line) => line.includes("one.zst"))).toHaveLength(1);
    await expectReleased(what);
  });

  it("does not trust what GitHub says of bytes that it kept badly", async () => {
    standIn.addFault({ match: /^POST .*assets\?name=two\.json/, how: { kind: "status", status: 403 }, times: 99 });
    await failureOf(publish());
    standIn.clearFaults();
    const stored = path.join(folder, "stand-in", "assets");
    const [kept = ""] = readdirSync(stored);
    writeFileSync(path.join(stored, kept), Buffer.alloc(700_000, "bad"));
    const again = await publish();
    expect(again.notes.join()).toContain("the received bytes have the SHA-256");
    await expectReleased();
    expect(writes().filter((line) => line.includes("one.zst"))).toHaveLength(2);
  });

  it("for other files is begun anew, and that is said", async () => {
    standIn.addFault({ match: /^POST .*assets\?name=two\.json/, how: { kind: "status", status: 403 }, times: 99 });
    await failureOf(publish(job("b")));
    standIn.clearFaults();
    const again = await publish();
    expect(again.status).toBe("created");
    expect(again.notes.join()).toContain("removing the draft of an earlier run for other files");
    await expectReleased();
  });
});

/** Every kind of request that the way to a release takes. */
const REQUESTS: readonly RegExp[] = [
  /^GET .*releases\/tags/,
  /^GET .*\/releases\?/,
  /^GET .*git\/ref/,
  /^GET \/repos\/octo\/images$/,
  /^GET .*commits/,
  /^POST .*\/releases$/,
  /^GET .*assets\?/,
  /^POST .*assets\?name=one/,
  /^POST .*assets\?name=sums/,
  /^GET .*releases\/assets\/\d+/,
  /^PATCH /,
];

it.each<[string, Fault["how"]]>([
  ["502", { kind: "status", status: 502 }],
  ["502 after the work", { kind: "status", status: 502, afterWork: true }],
  ["a reset before the work", { kind: "reset" }],
  ["a reset after the work", { kind: "reset", afterWork: true }],
  ["a reset within the request", { kind: "reset", afterRequestBytes: 50 }],
  ["half an answer", { kind: "truncate", afterBytes: 20 }],
])("%s, twice at every kind of request, changes nothing of the end", async (_name, how) => {
  for (const match of REQUESTS) standIn.addFault({ match, how, times: 2 });
  expect((await publish()).status).toBe("created");
  standIn.clearFaults();
  await expectReleased();
  expect((await readReleaseState(client().github, REPO, TAG)).drafts).toEqual([]);
});

describe("limits", () => {
  it("are waited for as told, of all kinds, at any request", async () => {
    standIn.addFault({ match: /^GET .*git\/ref/, how: { kind: "rate-limit", resetSeconds: 0 } });
    standIn.addFault({ match: /^POST .*\/releases$/, how: { kind: "secondary-limit", retryAfterSeconds: 1 } });
    standIn.addFault({
      match: /^POST .*assets\?name=one/,
      how: { kind: "status", status: 429, headers: { "retry-after": "1" } },
    });
    const { github, waits } = client();
    expect((await publish(job(), github)).status).toBe("created");
    expect(waits.filter((line) => line.startsWith("GitHub asks to wait 1.0 s"))).toHaveLength(3);
    await expectReleased();
  });

  it("that last too long end with 69 and leave a draft that is continued", async () => {
    standIn.addFault({
      match: /^POST .*assets\?name=two/,
      how: { kind: "secondary-limit", retryAfterSeconds: 7200 },
      times: 9,
    });
    expect(await failureOf(publish())).toMatchObject({ failure: "service" });
    standIn.clearFaults();
    expect((await publish()).status).toBe("continued");
  });
});

it("who may not is told what is missing, and nothing is written", async () => {
  const cases = [
    ["reader", REPO, "output", /contents: write/],
    ["old", REPO, "data", /GITHUB_TOKEN/],
    ["unknown", REPO, "data", /GITHUB_TOKEN/],
    [TOKEN, "octo/absent", "data", /right owner\/name/],
    [TOKEN, "octo/pictures", "data", /octo\/images/],
  ] as const;
  for (const [token, repository, failure, expected] of cases) {
    const error = await failureOf(publish(job("a", repository), client(token).github));
    const text = error.message + JSON.stringify(error.details);
    expect(error.failure, text).toBe(failure);
    expect(text).toMatch(expected);
    expect(text).not.toContain("Canary");
  }
  expect(standIn.requests.filter(({ method, status }) => method !== "GET" && status < 300)).toEqual([]);
});

it("finds a draft among more than a hundred releases", async () => {
  const { github } = client();
  const make = (fields: Record<string, unknown>) =>
    send(github, "POST /repos/octo/images/releases", { draft: true, ...fields });
  await make({ tag_name: TAG, body: releaseMarker(job().local.checksums.sha256) });
  await Promise.all(Array.from({ length: 101 }, (_, index) => make({ tag_name: `v${index}` })));
  expect((await readReleaseState(github, REPO, TAG)).drafts).toHaveLength(1);
});

it("two runs at once end in one release, and one of them at least succeeds", async () => {
  for (let round = 0; round < 2; round += 1) {
    const results = await Promise.allSettled([publish(), publish(), publish()]);
    const done = results.filter(({ status }) => status === "fulfilled");
    expect(done.length, JSON.stringify(results)).toBeGreaterThanOrEqual(1);
    await expectReleased();
    const { github } = client();
    const seen = await findRelease(github, REPO, TAG);
    await send(github, "DELETE /repos/octo/images/releases/{id}", { id: seen?.id });
    await send(github, "DELETE /repos/octo/images/git/refs/tags/{tag}", { tag: TAG });
  }
});
