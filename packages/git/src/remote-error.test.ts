import { expect, it } from "vitest";
import { RemoteError, remoteProblemIn } from "./remote-error.ts";

it.each([
  ["fatal: Authentication failed for 'https://github.com/a/b.git/'", "unauthorized"],
  ["fatal: could not read Username for 'https://github.com': terminal prompts disabled", "unauthorized"],
  [
    "remote: Permission to a/b.git denied to c.\nfatal: unable to access 'x': The requested URL returned error: 403",
    "forbidden",
  ],
  ["remote: Repository not found.\nfatal: repository 'https://github.com/a/b.git/' not found", "missing"],
  ["fatal: unable to access 'x': The requested URL returned error: 301", "moved"],
  ["remote: error: GH006: Protected branch update failed for refs/heads/x.", "protected"],
  ["fatal: couldn't find remote ref refs/heads/x", "branch-gone"],
  ["fatal: unable to access 'x': The requested URL returned error: 502", "unreachable"],
  ["fatal: unable to access 'x': Could not resolve host: github.com", "unreachable"],
  ["error: RPC failed; curl 56 Recv failure: Connection reset by peer", "unreachable"],
  ["fatal: early EOF", "unreachable"],
  ["! [remote rejected] x -> x (pre-receive hook declined)", "other"],
  ["fatal: '/nowhere' does not appear to be a git repository", "other"],
])("reads what git says: %s", (stderr, problem) => {
  expect(remoteProblemIn(stderr)).toBe(problem);
});

it("tells services from permissions, and reading from writing", () => {
  const answer = { exitCode: 128, stderr: "The requested URL returned error: 403" };
  const about = { label: "the site", variable: "T" };
  const write = new RemoteError({ ...about, access: "write" }, answer);
  expect(write).toMatchObject({ failure: "output", isPassing: false });
  expect(write.details).toContainEqual({ label: "need", text: "contents: write for this repository" });
  expect(write.details).toContainEqual({ label: "token", text: 'from the variable "T"' });
  expect(new RemoteError({ ...about, access: "read" }, answer)).toMatchObject({ failure: "data" });
  const passing = new RemoteError({ ...about, access: "write" }, { exitCode: 1, stderr: "error: 503 early EOF" });
  expect(passing).toMatchObject({ failure: "service", isPassing: true });
});
