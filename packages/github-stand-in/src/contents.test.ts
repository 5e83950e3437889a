import { runGit } from "@forgebench/git";
import { expect, it } from "vitest";
import { ask, started } from "./testing.ts";

it("reads branches, commits and files from the repository", async () => {
  const standIn = await started();
  const files = { "data/latest.json": '{"a":"é"}\n', "data/deep/x.txt": "x" };
  const sha = await standIn.pushCommit("acme/site", {
    branch: "bench/data",
    files,
    login: "rita",
    message: "Add data",
  });
  expect((await ask(standIn, "GET /branches/bench/data")).json).toMatchObject({
    name: "bench/data",
    commit: { sha },
  });
  const missing = await ask(standIn, "GET /branches/nothing");
  expect([missing.status, missing.json.message]).toEqual([404, "Branch not found"]);
  expect((await ask(standIn, "GET /commits/bench%2Fdata")).json).toMatchObject({
    sha,
    commit: { message: "Add data" },
    author: { login: "rita" },
  });
  const unknown = await ask(standIn, "GET /commits/nothing");
  expect([unknown.status, unknown.json.message]).toEqual([422, "No commit found for SHA: nothing"]);
  expect((await ask(standIn, "GET /commits?sha=bench/data&path=README.md")).json).toHaveLength(1);
  const file = (await ask(standIn, "GET /contents/data/latest.json?ref=bench/data")).json;
  expect(file).toMatchObject({ type: "file", encoding: "base64", path: "data/latest.json" });
  expect(Buffer.from(file.content, "base64").toString()).toBe(files["data/latest.json"]);
  const raw = await ask(standIn, "GET /contents/data/latest.json?ref=bench/data", {
    headers: { accept: "application/vnd.github.raw+json" },
  });
  expect(raw.text).toBe(files["data/latest.json"]);
  const folder = (await ask(standIn, `GET /contents/data?ref=${sha}`)).json;
  expect(folder).toEqual([{ name: "deep" }, { name: "latest.json" }]);
  expect((await ask(standIn, "GET /contents/data/latest.json")).status).toBe(404);
  expect((await ask(standIn, "GET /contents/README.md?ref=nothing")).status).toBe(404);
});

it("finds refs exactly, makes and deletes them", async () => {
  const standIn = await started();
  const { sha } = (await ask(standIn, "GET /git/ref/heads/main")).json.object;
  const make = (ref: string, to = sha) => ask(standIn, "POST /git/refs", { as: "writer", json: { ref, sha: to } });
  expect((await make("refs/tags/v1.0")).status).toBe(201);
  const again = await make("refs/tags/v1.0");
  expect([again.status, again.json.message]).toEqual([422, "Reference already exists"]);
  expect((await make("refs/tags/v2", "0".repeat(40))).json.message).toBe("Object does not exist");
  expect((await make("v2")).status).toBe(422);
  expect((await ask(standIn, "GET /git/ref/tags/v1")).status).toBe(404);
  expect((await ask(standIn, "DELETE /git/refs/tags/v1.0", { as: "reader" })).status).toBe(403);
  expect((await ask(standIn, "DELETE /git/refs/tags/v1.0", { as: "writer" })).status).toBe(204);
  expect((await ask(standIn, "DELETE /git/refs/tags/v1.0", { as: "writer" })).status).toBe(422);
});

it("tells an annotated tag from the commit that it names", async () => {
  const standIn = await started();
  const cwd = standIn.bareFolder("acme/site");
  const args = ["-c", "user.name=Rita", "-c", "user.email=r@x", "tag", "-a", "v1", "-m", "First", "main"];
  expect((await runGit(args, { cwd, env: { PATH: process.env.PATH } })).exitCode).toBe(0);
  const { object } = (await ask(standIn, "GET /git/ref/tags/v1")).json;
  expect(object.type).toBe("tag");
  const tag = (await ask(standIn, `GET /git/tags/${object.sha}`)).json;
  const main = (await ask(standIn, "GET /git/ref/heads/main")).json.object;
  expect(tag).toMatchObject({ tag: "v1", object: { type: "commit", sha: main.sha } });
  expect((await ask(standIn, `GET /git/tags/${main.sha}`)).status).toBe(404);
});

it("moves the default branch with its pull requests", async () => {
  const standIn = await started();
  await standIn.pushCommit("acme/site", { branch: "bench", files: { a: "a" }, login: "wendy" });
  await ask(standIn, "POST /pulls", { as: "writer", json: { head: "bench", base: "main", title: "Sync" } });
  await standIn.renameDefaultBranch("acme/site", "trunk");
  expect((await ask(standIn, "GET ")).json.default_branch).toBe("trunk");
  expect((await ask(standIn, "GET /branches/main")).status).toBe(404);
  expect((await ask(standIn, "GET /pulls/1")).json).toMatchObject({ state: "open", base: { ref: "trunk" } });
});
