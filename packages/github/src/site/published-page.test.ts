import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isInside, linksOf, readPublishedPage, shownIdOf } from "./published-page.ts";

const PAGE = new URL("https://site.example/benchmarks/latest");
const links = (html: string, page = PAGE) => linksOf(html, page).map(({ href }) => href);

describe("the links of a page", () => {
  it("are https, each once, without their fragment", () => {
    const html = `<a href="/a#x">1</a><A class="b" HREF='/a#y'>2</A><a href=/c>3</a><a data-x=1 href="https://o.example/?a=1&amp;b=2">4</a>
      <a href="mailto:a@b.c">5</a><a href="javascript:alert(1)">6</a><a href="http://o.example/">7</a><a href="#top">8</a>
      <link href="/style.css"><a href="https://user:pass@o.example/">9</a><a>10</a>`;
    expect(links(html)).toEqual([
      "https://site.example/a",
      "https://site.example/c",
      "https://o.example/?a=1&b=2",
      "https://site.example/benchmarks/latest",
    ]);
  });

  it("are at most forty, and found in any text", () => {
    expect(links(Array.from({ length: 99 }, (_, n) => `<a href="/${n}">`).join(""))).toHaveLength(40);
    for (const hostile of ["<a ", "<a href ", "<a href=", "<a href='", "href=", "1.1", "9"]) {
      const text = hostile.repeat(200_000);
      linksOf(text, PAGE);
      shownIdOf(text, ["7.1"]);
    }
  });
});

it.each([
  ["Snapshot 22036204221.1.", ["22036204221.1", "1.1"], "22036204221.1"],
  ["Snapshot 22036204221.12", ["22036204221.1"], "22036204221.12"],
  ["older 7.1, newest 8.1", ["8.1", "7.1"], "8.1"],
  ["version 1.25, 3.14 ms", ["8.1"], undefined],
  ['{"snapshotId":"22036200000.2"}', ["22036204221.1"], "22036200000.2"],
])("finds the snapshot in %j", (text, ids, expected) => {
  expect(shownIdOf(text, ids)).toBe(expected);
});

it("refuses private addresses: a public page must not link to them", () => {
  const inside = [
    "127.0.0.1",
    "10.1.2.3",
    "192.168.1.1",
    "172.16.0.1",
    "169.254.169.254",
    "[::1]",
    "[fd00::1]",
    "[::ffff:10.0.0.1]",
  ];
  const named = ["localhost", "a.localhost", "metadata.google.internal", "printer.local", "intranet", "2130706433"];
  const outside = ["example.org", "172.32.0.1", "8.8.8.8", "[2606:4700::1111]", "local.example"];
  const judged = (hosts: readonly string[]) => new Set(hosts.map((host) => isInside(new URL(`https://${host}/`))));
  expect([judged([...inside, ...named]), judged(outside)]).toEqual([new Set([true]), new Set([false])]);
});

describe("a page", () => {
  const answers: Record<string, (response: http.ServerResponse) => void> = {
    "/page": (response) => response.end('<a href="/ok">a</a><a href="/gone">b</a><a href="/moved">c</a> 22036204221.1'),
    "/ok": (response) => response.end("x".repeat(100)),
    "/moved": (response) => response.writeHead(301, { location: "/page" }).end(),
    "/circle": (response) => response.writeHead(302, { location: "/circle" }).end(),
    "/elsewhere": (response) => response.writeHead(302, { location: "http://example.org/" }).end(),
    "/large": (response) => response.end(Buffer.alloc(5 << 20, "x")),
    "/slow": () => undefined,
    "/cut": (response) => {
      response.writeHead(200, { "content-length": "100" }).write("part");
      setTimeout(() => response.destroy(), 20);
    },
  };
  let server: http.Server;
  let origin: string;
  beforeAll(async () => {
    server = http.createServer(({ url = "" }, response) => {
      const answer = answers[url];
      if (answer === undefined) response.writeHead(404).end();
      else answer(response);
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const { signal } = new AbortController();
  const read = (where: string, timeoutMs = 60_000) =>
    readPublishedPage({ url: `${origin}${where}`, snapshotIds: ["22036204221.1"], signal, timeoutMs });

  it.each(["/page", "/moved"])("at %s says what it shows and where it leads", async (where) => {
    const { links: found, ...page } = await read(where);
    expect(page).toEqual({ status: 200, shownSnapshotId: "22036204221.1" });
    const statuses = found.map(({ url, status }) => [new URL(url).pathname, status]).sort();
    expect(statuses).toEqual([
      ["/gone", 404],
      ["/moved", 301],
      ["/ok", 200],
    ]);
  });

  it.each([
    ["/none", 404],
    ["/circle", 0],
    ["/elsewhere", 0],
    ["/large", 0],
    ["/slow", 0],
    ["/cut", 0],
  ])("at %s is answered by %i", async (where, status) => {
    expect(await read(where, where === "/slow" ? 100 : undefined)).toEqual({ status, links: [] });
  });

  it("ends when it is told to", async () => {
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 20);
    await expect(readPublishedPage({ url: `${origin}/slow`, snapshotIds: [], signal: abort.signal })).rejects.toThrow();
  });
});
