import { describe, expect, it } from "vitest";
import { filenameProblem, isPublicDomain, sourceUrlProblem } from "./source-rules.ts";
import { parseSourcesRegister } from "./sources-register.ts";

const good = {
  id: "harbour",
  url: "https://images.example.org/harbour.jpg",
  license: "CC-BY-4.0",
  attribution: "A. Person",
  filename: "harbour.jpg",
  sha256: "0".repeat(64),
};
const parse = (sources: unknown, wrap = true) =>
  parseSourcesRegister(JSON.stringify(wrap ? { version: "1.0", sources } : sources), "sources.json");
const problemsOf = (entry: unknown) => {
  const [found] = parse([entry]);
  return found !== undefined && "problems" in found ? found.problems : [];
};

describe("a register", () => {
  it("is read entry by entry, as an object or a bare list", () => {
    const { sha256: _, ...unpinned } = { ...good, id: "b", filename: "b.png", enabled: false };
    for (const entries of [parse([good, unpinned]), parse([good, unpinned], false)]) {
      expect(entries).toEqual([
        { id: "harbour", enabled: true, source: { ...good, enabled: true } },
        { id: "b", enabled: false, source: { ...unpinned, sha256: null } },
      ]);
    }
    expect(parseSourcesRegister(`\ufeff${JSON.stringify([good])}`, "x")).toHaveLength(1);
  });

  it.each([
    ["", "the file is empty"],
    ["<html>", "not JSON"],
    ["{}", "version: expected version 1.x (such as 1.0), found nothing"],
    ['{"version":"2.0","sources":[]}', 'found "2.0"'],
    ['{"version":"1.0"}', "sources: "],
    ['{"version":"1.0","sources":{}}', "sources: "],
    ['{"kind":"summary","version":"1.0","sources":[]}', 'expected "sources-register"'],
    ["7", "expected an object, found 7"],
  ])("is not %s", (content, problem) => {
    expect(() => parseSourcesRegister(content, "sources.json")).toThrow(problem);
  });

  it("keeps a bad entry apart, under its id or its place", () => {
    const entries = parse([
      { ...good, url: "ftp://x/y" },
      7,
      null,
      { ...good, id: "a b" },
      { ...good, id: "c", enabled: "no" },
    ]);
    expect(entries.map(({ id }) => id)).toEqual(["harbour", "sources[1]", "sources[2]", "sources[3]", "c"]);
    expect(entries.every((entry) => "problems" in entry && entry.enabled)).toBe(true);
  });

  it.each([
    ["id", { ...good, id: "../x" }],
    ["id", { ...good, id: "local" }],
    ["license", { ...good, license: " " }],
    ["license", { ...good, license: undefined }],
    ["license", { ...good, license: "CC\nBY" }],
    ["attribution", { ...good, attribution: "" }],
    ["attribution", { ...good, attribution: undefined }],
    ["attribution", { ...good, attribution: "a\u0000b" }],
    ["sha256", { ...good, sha256: "abc" }],
    ["sha256", { ...good, sha256: " " }],
    ["sha256", { ...good, sha256: "A".repeat(64) }],
    ["sizeBytes", { ...good, sizeBytes: -1 }],
    ["allowedHosts[0]", { ...good, allowedHosts: ["https://x.org"] }],
    ["enabled", { ...good, enabled: 1 }],
  ])("names a bad %s", (field, entry) => {
    expect(problemsOf(entry)).toEqual([expect.stringMatching(new RegExp(`^${field.replace(/[[\]]/g, "\\$&")}: `))]);
  });

  it("takes an empty hash for one that is still missing, and passes over what it does not know", () => {
    const source = { ...good, license: "CC BY-SA 3.0", sha256: "" };
    const owned = { ...good, id: "b", filename: "b.jpg", license: "Public Domain", attribution: "", sha256: "" };
    const register = {
      version: "1.0",
      updatedAt: "2026-02-15",
      policy: { allowed: ["CC BY"] },
      sources: [source, owned],
    };
    expect(parseSourcesRegister(JSON.stringify(register), "sources.json")).toEqual([
      { id: "harbour", enabled: true, source: { ...source, sha256: null, enabled: true } },
      { id: "b", enabled: true, source: { ...owned, sha256: null, enabled: true } },
    ]);
  });

  it("keeps the fields of a wrong entry that are right by themselves", () => {
    const statedOf = (...entries: readonly unknown[]) =>
      parse(entries).map((entry) => ("problems" in entry ? entry.stated : undefined));
    const { id: _, ...right } = { ...good, title: "Harbour at dusk" };
    const { url, license, attribution, filename, sha256, title } = right;
    expect(statedOf({ ...right, id: "a b" })).toEqual([right]);
    expect(statedOf({ ...right, id: "x", filename: "../x.jpg", sha256: "what" })).toEqual([
      { url, license, attribution, title },
    ]);
    expect(statedOf({ ...right, id: "x", attribution: "" })).toEqual([{ url, license, filename, sha256, title }]);
    expect(statedOf({ ...right, id: "x", attribution: "", license: 7 })).toEqual([{ url, filename, sha256, title }]);
    expect(statedOf({ ...right, id: "local", attribution: "", license: "CC0-1.0" })).toEqual([
      { ...right, attribution: "", license: "CC0-1.0" },
    ]);
    expect(statedOf(7, null, [])).toEqual([{}, {}, {}]);
  });

  it("gives a name that two entries claim to neither", () => {
    const entries = parse([good, { ...good, id: "b", title: "B" }, { ...good, id: "c", filename: "c.jpg" }]);
    const { filename: _, id, ...rest } = good;
    expect(entries.map((entry) => ("problems" in entry ? entry.stated : "right"))).toEqual([
      rest,
      { ...rest, title: "B" },
      "right",
    ]);
    const [twin] = parse([good, { ...good, filename: "c.jpg" }]);
    expect(twin).toMatchObject({ id, stated: { filename: "harbour.jpg" } });
  });

  it("asks for attribution but in the public domain", () => {
    expect(problemsOf({ ...good, license: "CC0-1.0", attribution: null })).toEqual([]);
    expect(["CC0", "cc0-1.0", "Public Domain", "PDM-1.0"].every(isPublicDomain)).toBe(true);
    expect(["CC-BY-4.0", "CC0-ish", "not public domain", ""].some(isPublicDomain)).toBe(false);
  });

  it("names the entries that share an id or a file", () => {
    const two = parse([good, { ...good, filename: "x.jpg" }]);
    expect(two.map((entry) => ("problems" in entry ? entry.problems : []))).toEqual([
      ['id: "harbour" is also that of sources[1]'],
      ['id: "harbour" is also that of sources[0]'],
    ]);
    const [first] = parse([
      { ...good, filename: "Ü.jpg" },
      { ...good, id: "b", filename: "u\u0308.JPG" },
    ]);
    expect(first).toMatchObject({ problems: ['filename: "Ü.jpg" is one file with "u\u0308.JPG" of sources[1]'] });
    const [kept] = parse([good, { ...good, id: "b", enabled: false }]);
    expect(kept).toHaveProperty("source");
  });
});

describe("filenames", () => {
  it.each(["a.jpg", "A b-c_d.JPEG", "ü.png", "図.tiff", "x.tar.gif", "console.jpg", `${"a".repeat(196)}.jpg`])(
    "%j",
    (name) => {
      expect(filenameProblem(name)).toBeUndefined();
    },
  );

  it.each([
    ...["", ".", "..", "../a.jpg", "a/b.jpg", "/a.jpg", "a\\b.jpg", "C:a.jpg", "a\0.jpg", "a\n.jpg", "a\u202egpj.jpg"],
    ...[
      ".a.jpg",
      "-a.jpg",
      " a.jpg",
      "a.jpg ",
      "a.jpg.",
      "a..jpg",
      "CON",
      "con.jpg",
      "NUL.png",
      "COM1.jpg",
      "lpt9.tar.gif",
      "Aux .jpg",
    ],
    ...[
      "COM¹.jpg",
      `${"a".repeat(197)}.jpg`,
      `${"ü".repeat(99)}.jpg`,
      "u\u0308.jpg",
      "a",
      "a.svg",
      "a.jpg.exe",
      ".jpg",
      "fetch-report.json",
    ],
    ...["a\ud800.jpg", "a\u200b.jpg", "a?.jpg", "a*.jpg", 'a".jpg', "a:b.jpg"],
  ])("not %j", (name) => {
    expect(filenameProblem(name)).toBeTypeOf("string");
  });
});

describe("addresses", () => {
  it.each([
    "https://host.org/a.jpg",
    "https://host.org:8443/a?x=1",
    "http://127.0.0.1:80/a",
    "http://localhost/a",
    "http://[::1]/a",
  ])("%s", (url) => {
    expect(sourceUrlProblem(url)).toBeUndefined();
  });

  it.each([
    ...[
      "",
      "a.jpg",
      "//host.org/a",
      "https:host.org",
      "https://",
      "file:///a",
      "ftp://h/a",
      "data:image/png,x",
      "javascript:x",
    ],
    ...[
      "http://host.org/a",
      "http://127.0.0.1.host.org/a",
      "https://u:p@host.org/a",
      "https://u@host.org/a",
      "https://a b/c",
    ],
  ])("not %j", (url) => {
    expect(sourceUrlProblem(url)).toBeTypeOf("string");
  });
});
