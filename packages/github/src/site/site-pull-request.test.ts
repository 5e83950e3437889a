import { describe, expect, it } from "vitest";
import type { PullRequest } from "../pulls/pull-requests.ts";
import { saysSame, sortPulls } from "./site-pull-request.ts";

const pull = (number: number, more: Partial<PullRequest> = {}): PullRequest => ({
  number,
  url: `https://example.org/${number}`,
  title: "t",
  body: "b",
  isOpen: false,
  isMerged: false,
  baseBranch: "main",
  headCommit: "a".repeat(40),
  ...more,
});
const numbers = (pulls: readonly PullRequest[]) => pulls.map(({ number }) => number);

describe("the pull requests of a branch", () => {
  it("one into the default branch is a sync's, before one that bears the mark", () => {
    const marked = pull(3, { isOpen: true, baseBranch: "docs", body: "MARK" });
    const own = pull(2, { isOpen: true });
    expect(sortPulls([marked, own], "main", "MARK")).toEqual({ own, closed: [], foreign: [marked] });
    expect(sortPulls([marked], "main", "MARK")).toEqual({ own: marked, closed: [], foreign: [] });
    const foreign = { ...marked, body: "b" };
    expect(sortPulls([foreign], "main", "MARK")).toEqual({ closed: [], foreign: [foreign] });
  });

  it("closed ones count since the last that was merged, and only those of a sync", () => {
    const pulls = [pull(5), pull(4, { baseBranch: "docs" }), pull(3, { isMerged: true }), pull(2), pull(1)];
    expect(numbers(sortPulls(pulls, "main", "MARK").closed)).toEqual([5]);
    expect(numbers(sortPulls(pulls.slice(3), "main", "MARK").closed)).toEqual([2, 1]);
  });
});

it("a text is the same with boxes ticked and other line ends, and not with another base, title or word", () => {
  const text = { title: "t", body: "- [ ] one\n- [ ] two\n" };
  expect(saysSame(pull(1, { body: "- [x] one\r\n- [X] two" }), text, "main")).toBe(true);
  expect(saysSame(pull(1, { body: "- [x] one\n- [ ] three" }), text, "main")).toBe(false);
  expect(saysSame(pull(1, { body: text.body, title: "u" }), text, "main")).toBe(false);
  expect(saysSame(pull(1, { body: text.body, baseBranch: "docs" }), text, "main")).toBe(false);
});
