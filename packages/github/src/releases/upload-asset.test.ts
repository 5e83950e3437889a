import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { type StandIn, startStandIn } from "@forgebench/github-stand-in";
import { Credential, sha256Of } from "@forgebench/io";
import { describe, expect, it, onTestFinished } from "vitest";
import { type GitHub, gitHubClient, send } from "../client/client.ts";
import { listAssets } from "./find-releases.ts";
import { type Release, readRelease } from "./release-fields.ts";
import { uploadAsset, uploadUrl } from "./upload-asset.ts";

const TOKEN = "ghp_ofTheUploader123";

describe("where a file and the token are sent", () => {
  const urlFor = (apiUrl: string, upload: string) =>
    uploadUrl(
      { access: { apiUrl, signal: new AbortController().signal, onWait: () => undefined } },
      { uploadUrl: upload, tagName: "t" },
      { name: "a b.zst" },
    ).href;

  it.each([
    ["https://api.github.com", "https://uploads.github.com/repos/o/r/releases/1/assets"],
    ["https://api.octo.ghe.com", "https://uploads.octo.ghe.com/repos/o/r/releases/1/assets"],
    ["https://ghe.example.org/api/v3", "https://ghe.example.org/api/uploads/repos/o/r/releases/1/assets"],
    ["http://127.0.0.1:1", "http://127.0.0.1:2/repos/o/r/releases/1/assets"],
  ])("%s may name %s", (api, upload) => {
    expect(urlFor(api, upload)).toBe(`${upload}?name=a+b.zst`);
  });

  it.each([
    ["https://api.github.com", "https://uploads.github.com.example.org/x"],
    ["https://api.github.com", "http://uploads.github.com/x"],
    ["https://api.github.com", "https://uploads.github.com:8443/x"],
    ["https://api.github.com", "https://me:secret@uploads.github.com/x"],
    ["https://api.github.com", "http://127.0.0.1/x"],
    ["https://ghe.example.org/api/v3", "https://uploads.github.com/x"],
    ["http://127.0.0.1:1", "http://example.org/x"],
  ])("%s may not name %s", (api, upload) => {
    expect(() => urlFor(api, upload)).toThrow(/the API names "https?:\/\/[^"]+" for uploads/);
    expect(() => urlFor(api, upload)).not.toThrow(/secret/);
  });
});

describe("an upload", () => {
  async function draft(): Promise<{ standIn: StandIn; github: GitHub; release: Release; waits: string[] }> {
    const permissions = { contents: "write", pullRequests: "none", issues: "none" } as const;
    const standIn = await startStandIn({
      accounts: { [TOKEN]: { login: "w", permissions } },
      repositories: { "octo/images": {} },
    });
    onTestFinished(() => standIn.stop());
    const waits: string[] = [];
    const github = gitHubClient({
      apiUrl: standIn.apiUrl,
      credential: new Credential(TOKEN, "T", standIn.apiUrl),
      signal: new AbortController().signal,
      retryBaseMs: 1,
      onWait: (message) => waits.push(message),
    });
    const { data } = await send(github, "POST /repos/octo/images/releases", { tag_name: "v1", draft: true });
    return { standIn, github, release: readRelease(data), waits };
  }

  function file(content: Buffer) {
    const folder = mkdtempSync(path.join(os.tmpdir(), "upload-asset-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const place = path.join(folder, "a.zst");
    writeFileSync(place, content);
    const contentType = "application/zstd";
    return { name: "a.zst", path: place, contentType, sizeBytes: content.length, sha256: sha256Of(content) };
  }

  it("that is cut leaves a part, which is removed; then the file is sent again", async () => {
    const { standIn, github, release, waits } = await draft();
    const sent = file(Buffer.alloc(900_000, "x"));
    standIn.addFault({ match: /name=a\.zst/, how: { kind: "reset", afterRequestBytes: 300_000 }, times: 2 });
    const asset = await uploadAsset(github, "octo/images", release, sent);
    expect(asset).toMatchObject({ isUploaded: true, sha256: sent.sha256 });
    expect(await listAssets(github, "octo/images", release)).toEqual([asset]);
    expect(waits.length).toBeGreaterThan(0);
    expect(standIn.requests.some(({ method }) => method === "DELETE")).toBe(true);
  });

  it("whose answer was lost is found, not sent again", async () => {
    const { standIn, github, release } = await draft();
    standIn.addFault({ match: /name=a\.zst/, how: { kind: "reset", afterWork: true } });
    await uploadAsset(github, "octo/images", release, file(Buffer.alloc(100_000, "x")));
    expect(standIn.requests.filter(({ method, url }) => method === "POST" && url.includes("name=a.zst"))).toHaveLength(
      1,
    );
  });

  it("under a name with other bytes replaces them", async () => {
    const { github, release } = await draft();
    await uploadAsset(github, "octo/images", release, file(Buffer.from("other")));
    const sent = file(Buffer.from("right"));
    await uploadAsset(github, "octo/images", release, sent);
    expect(await listAssets(github, "octo/images", release)).toMatchObject([{ sha256: sent.sha256 }]);
  });

  it("in which nothing moves any more is an attempt that failed", async () => {
    const { standIn, github, release, waits } = await draft();
    standIn.addFault({ match: /name=a\.zst/, how: { kind: "delay", delayMs: 5000 } });
    await uploadAsset(github, "octo/images", release, file(Buffer.from("right")), { stallTimeoutMs: 100 });
    expect(waits[0]).toContain("no progress for");
  });
});
