import { describe, expect, it } from "vitest";
import { parseApiUrl, parseRepositoryName } from "./github-flags.ts";

describe("parseRepositoryName", () => {
  it.each(["octo/images", "Octo-Org/Images.v2", "a/b", "dev_acme/x_y-z.", "o1/.github", `${"a".repeat(39)}/b`])(
    "%s is one",
    (text) => {
      expect(parseRepositoryName(text)).toEqual({ owner: text.split("/")[0], repo: text.split("/")[1] });
    },
  );

  it.each([
    ...["", "octo", "octo/", "/images", "octo/images/more", "octo/images.git", "octo/images.GIT", "octo/.", "octo/.."],
    ...[
      "-octo/images",
      "octo-/images",
      "oc--to/images",
      "octo/ima ges",
      "octo/ima%2fges",
      "öcto/images",
      "octo/images\n",
    ],
    ...["https://github.com/octo/images", "../images", "octo/images?x", `octo/${"a".repeat(101)}`],
  ])("%j is none", (text) => {
    expect(parseRepositoryName(text)).toBeUndefined();
  });
});

describe("parseApiUrl", () => {
  it.each([
    ["https://api.github.com", "https://api.github.com"],
    ["https://api.github.com/", "https://api.github.com"],
    ["https://ghe.example.org/api/v3/", "https://ghe.example.org/api/v3"],
    ["https://ghe.example.org:8443/api/v3", "https://ghe.example.org:8443/api/v3"],
    ["http://127.0.0.1:8080", "http://127.0.0.1:8080"],
    ["http://[::1]:8080/api", "http://[::1]:8080/api"],
    ["http://localhost:8080", "http://localhost:8080"],
  ])("%s is taken", (text, expected) => {
    expect(parseApiUrl(text)).toBe(expected);
  });

  it.each([
    ["api.github.com", "is not an address"],
    ["", "is not an address"],
    ["ftp://api.github.com", "is not an address"],
    ["file:///etc/passwd", "is not an address"],
    ["http://api.github.com", "is not encrypted"],
    ["http://127.0.0.1.example.org", "is not encrypted"],
    ["http://localhost.example.org", "is not encrypted"],
    ["https://me:secret@api.github.com", "holds a user or password"],
    ["https://token@api.github.com", "holds a user or password"],
    ["https://api.github.com?x=1", "holds more than a host and a path"],
    ["https://api.github.com#x", "holds more than a host and a path"],
  ])("%s is refused: it %s", (text, problem) => {
    expect(() => parseApiUrl(text)).toThrow(problem);
  });
});
