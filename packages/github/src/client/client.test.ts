import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { InterruptedError } from "@forgebench/errors";
import { Credential } from "@forgebench/io";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type GitHubAccess, gitHubClient, send, sendForAll } from "./client.ts";
import { describeGitHubError } from "./describe-failure.ts";
import { GitHubFailure } from "./failure.ts";

/** A server that answers what it is told: what no well-behaved stand-in does. */
type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

const TOKEN = "ghp_CanaryToken+/=1234567890";

async function serve(...answers: Answer[]) {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    answer?.(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stops.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { apiUrl, seen };
}

function client(apiUrl: string, more: Partial<GitHubAccess> = {}) {
  const waits: string[] = [];
  const access: GitHubAccess = {
    apiUrl,
    credential: new Credential(TOKEN, "GITHUB_TOKEN", apiUrl),
    signal: new AbortController().signal,
    onWait: (message) => waits.push(message),
    retryBaseMs: 1,
    ...more,
  };
  return { github: gitHubClient(access), waits };
}

const json = (status: number, body: unknown, headers: Record<string, string> = {}): Answer => {
  return (_request, response) => {
    response.writeHead(status, { "content-type": "application/json; charset=utf-8", ...headers });
    response.end(JSON.stringify(body));
  };
};
const cut: Answer = (request) => request.socket.destroy();

const REPO = "GET /repos/{owner}/{repo}";
const PLACE = { owner: "o", repo: "r" };

async function failureOf(work: Promise<unknown>): Promise<GitHubFailure> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(GitHubFailure);
  return error as GitHubFailure;
}

const context = { action: "read the repository", repository: "o/r", needs: "contents: write" };

describe("repeating", () => {
  it("a read is repeated after 5xx, cut connections and half answers", async () => {
    const half: Answer = (_request, response) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
      response.write('{"full_name":"o/r"');
      setTimeout(() => response.destroy(), 5);
    };
    const { apiUrl, seen } = await serve(json(502, { message: "Bad Gateway" }), cut, half, json(200, { id: 1 }));
    const { github, waits } = client(apiUrl);
    expect((await send(github, REPO, PLACE)).data).toEqual({ id: 1 });
    expect(seen).toHaveLength(4);
    expect(waits[0]).toMatch(/^GitHub did not answer \(Bad Gateway\), attempt 2 of 5 in 0\.0 s$/);
  });

  it("it ends after five attempts, with 69", async () => {
    const { apiUrl, seen } = await serve(json(503, { message: "no" }));
    const failure = await failureOf(send(client(apiUrl).github, REPO, PLACE));
    expect(seen).toHaveLength(5);
    expect(describeGitHubError(failure, context)).toMatchObject({
      failure: "service",
      message: 'Cannot read the repository of "o/r": GitHub failed with status 503 after several attempts: no',
    });
  });

  it.each([400, 401, 403, 404, 410, 422, 451])("%i is not repeated", async (status) => {
    const { apiUrl, seen } = await serve(json(status, { message: "no" }));
    expect((await failureOf(send(client(apiUrl).github, REPO, PLACE))).facts.status).toBe(status);
    expect(seen).toHaveLength(1);
  });

  it("a POST is sent once; made once, it is looked for before it is sent again", async () => {
    const { apiUrl, seen } = await serve(cut);
    const { github } = client(apiUrl);
    await failureOf(send(github, "POST /repos/{owner}/{repo}/releases", PLACE));
    expect(seen).toHaveLength(1);

    const done: string[] = [];
    const lost = async () => {
      done.push("make");
      throw new GitHubFailure({ kind: "network", said: "cut" });
    };
    const look = async () => {
      done.push("look");
      return done.length > 3 ? "found" : undefined;
    };
    expect(await github.patience.makeOnce(lost, look)).toBe("found");
    expect(done).toEqual(["make", "look", "make", "look"]);
  });

  it("a timeout is a lost answer", async () => {
    const { apiUrl, seen } = await serve(() => undefined);
    const { github } = client(apiUrl, { requestTimeoutMs: 30 });
    expect((await failureOf(send(github, REPO, PLACE))).facts).toMatchObject({ kind: "network" });
    expect(seen).toHaveLength(5);
  });

  it("the signal ends a wait at once, with its own reason", async () => {
    const { apiUrl, seen } = await serve(json(403, { message: "secondary rate limit" }, { "retry-after": "600" }));
    const controller = new AbortController();
    const { github } = client(apiUrl, {
      signal: controller.signal,
      onWait: () => setTimeout(() => controller.abort(new InterruptedError("SIGINT")), 5),
    });
    await expect(send(github, REPO, PLACE)).rejects.toThrow("interrupted");
    expect(seen).toHaveLength(1);
    await expect(send(github, REPO, PLACE)).rejects.toThrow("interrupted");
  });
});

describe("limits", () => {
  it.each([
    ["429 with retry-after", json(429, { message: "slow down" }, { "retry-after": "1" })],
    [
      "403 of the secondary limit",
      json(403, { message: "You have exceeded a secondary rate limit" }, { "retry-after": "1" }),
    ],
  ])("%s: waits as told, also for a POST", async (_name, answer) => {
    const { apiUrl, seen } = await serve(answer, json(201, { id: 1 }));
    const { github, waits } = client(apiUrl);
    const make = () => send(github, "POST /repos/{owner}/{repo}/releases", PLACE);
    expect((await github.patience.makeOnce(make, async () => undefined)).status).toBe(201);
    expect(seen).toHaveLength(2);
    expect(waits).toEqual([expect.stringMatching(/^GitHub asks to wait 1\.0 s/)]);
  });

  it("a reset is read against the server's clock", async () => {
    const resetAt = Date.parse("2031-01-01T00:00:00Z") / 1000;
    const limit = json(
      403,
      { message: "API rate limit exceeded for user ID 1." },
      {
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": String(resetAt),
        date: "Tue, 31 Dec 2030 23:59:59 GMT",
      },
    );
    const { apiUrl } = await serve(limit, json(200, {}));
    const { github, waits } = client(apiUrl);
    await send(github, REPO, PLACE);
    expect(waits).toEqual([expect.stringMatching(/^GitHub asks to wait 2\.0 s \(API rate limit exceeded/)]);
  });

  it("a wait of an hour is too long: 69, and when to come back", async () => {
    const { apiUrl, seen } = await serve(json(429, { message: "later" }, { "retry-after": "3600" }));
    const failure = await failureOf(send(client(apiUrl).github, REPO, PLACE));
    expect(seen).toHaveLength(1);
    expect(describeGitHubError(failure, context)).toMatchObject({
      failure: "service",
      details: [{ label: "try", text: "run again in 60 min, when the limit is over" }],
    });
  });

  it("it waits five times at most", async () => {
    const { apiUrl, seen } = await serve(json(429, { message: "later" }, { "retry-after": "0" }));
    await failureOf(send(client(apiUrl).github, REPO, PLACE));
    expect(seen).toHaveLength(6);
  });
});

describe("what GitHub answers", () => {
  it("redirects are not followed: the error names the new place", async () => {
    const moved = json(
      301,
      { message: "Moved Permanently" },
      { location: "https://elsewhere.example/repositories/42" },
    );
    const { apiUrl, seen } = await serve(moved, json(200, { full_name: "new-owner/new-name" }));
    const failure = await failureOf(send(client(apiUrl).github, REPO, PLACE));
    expect(seen).toEqual(["GET /repos/o/r", "GET /repositories/42"]);
    expect(String(describeGitHubError(failure, context))).toContain(
      "it was renamed or moved (status 301): new-owner/new-name",
    );
  });

  it("a chain of redirects ends", async () => {
    const { apiUrl, seen } = await serve(json(302, {}, { location: "/repositories/42" }));
    await failureOf(send(client(apiUrl).github, REPO, PLACE));
    expect(seen).toHaveLength(2);
  });

  it.each([
    [401, {}, 'put a token that is valid and not expired into "GITHUB_TOKEN"'],
    [403, { "x-accepted-github-permissions": "contents=write" }, "contents: write for this repository"],
    [
      403,
      { "x-accepted-github-permissions": "issues=write; pull_requests=write,contents=read" },
      "issues: write or pull_requests: write and contents: read for this repository",
    ],
    [403, {}, "contents: write for this repository"],
    [404, {}, "the right owner/name, and a token with contents: write if the repository is private"],
  ])("%i %j says what is missing", async (status, headers, expected) => {
    const { apiUrl } = await serve(json(status, { message: "no" }, headers as Record<string, string>));
    const failure = await failureOf(send(client(apiUrl).github, REPO, PLACE));
    const error = describeGitHubError(failure, context);
    expect(error).toMatchObject({ failure: "output" });
    expect(JSON.stringify(error)).toContain(JSON.stringify(expected).slice(1, -1));
  });

  it("422 quotes fields and codes", async () => {
    const errors = [{ resource: "Release", code: "already_exists", field: "tag_name" }];
    const { apiUrl } = await serve(json(422, { message: "Validation Failed", errors }));
    const failure = await failureOf(send(client(apiUrl).github, REPO, PLACE));
    expect(describeGitHubError(failure, context)).toMatchObject({
      message: 'Cannot read the repository of "o/r": GitHub refuses the request: Validation Failed',
      details: [{ label: "field", text: "tag_name: already_exists" }],
    });
  });

  it("all pages of a list are read, by number, whatever address the next one is said to have", async () => {
    const next = { link: '<http://elsewhere.example/?page=2>; rel="next", <http://x/?page=3>; rel="last"' };
    const { apiUrl, seen } = await serve(json(200, [1, 2], next), json(200, [3], next), json(200, [4]));
    expect(await sendForAll(client(apiUrl).github, "GET /repos/{owner}/{repo}/releases", PLACE)).toEqual([1, 2, 3, 4]);
    expect(seen.at(-1)).toBe("GET /repos/o/r/releases?per_page=100&page=3");
  });

  it("a page of another kind is no list", async () => {
    const { apiUrl } = await serve((_request, response) => response.end("<html>login</html>"));
    const failure = await failureOf(sendForAll(client(apiUrl).github, REPO, PLACE));
    expect(String(describeGitHubError(failure, context))).toContain("the answer is not that of GitHub's API");
  });
});

it("a port that is never asked is named, and not tried again", async () => {
  const { github, waits } = client("http://127.0.0.1:6667");
  const failure = await failureOf(send(github, REPO, PLACE));
  expect(String(describeGitHubError(failure, context))).toContain("no answer: fetch refuses this port");
  expect(waits).toEqual([]);
});

it("the token is in no error, whatever the server says, and nothing is printed", async () => {
  const spies = (["log", "info", "warn", "error", "debug"] as const).map((name) => vi.spyOn(console, name));
  const echoes = [TOKEN, encodeURIComponent(TOKEN), Buffer.from(`x:${TOKEN}`).toString("base64"), `Bearer ${TOKEN}`];
  for (const echo of echoes) {
    for (const status of [400, 401, 403, 422, 429, 500]) {
      const headers = { "retry-after": "9999", "x-accepted-github-permissions": echo, deprecation: "true" };
      const { apiUrl } = await serve(json(status, { message: echo, errors: [{ field: echo, code: echo }] }, headers));
      const failure = await failureOf(send(client(apiUrl).github, REPO, PLACE));
      const error = describeGitHubError(failure, context);
      const all = JSON.stringify([failure, failure.message, failure.stack, failure.cause, error, String(error)]);
      expect(all).not.toMatch(/Canary|Q2FuYXJ5|NhbmFye|DYW5hcn/);
    }
  }
  for (const spy of spies) expect(spy).not.toHaveBeenCalled();
});

it("a token is not taken along to another place than it is for", () => {
  const credential = new Credential(TOKEN, "GITHUB_TOKEN", "https://api.github.com");
  expect(() => client("https://ghe.example.org/api/v3", { credential })).toThrow("another origin than its own");
});
