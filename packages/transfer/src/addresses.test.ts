import { describe, expect, it } from "vitest";
import { addressProblem, followRedirect, type RedirectRules, shownUrl } from "./addresses.ts";

const sameHost: RedirectRules = { redirects: "same-host" };
const anyHost: RedirectRules = { redirects: "any-host" };

describe("addresses", () => {
  it("are shown without what may be secret", () => {
    expect(shownUrl(new URL("https://ann:pw@host.org:8443/a/b.jpg?token=1#x"))).toBe("https://host.org:8443/a/b.jpg");
  });

  it.each([
    ["https://host.org/a", undefined],
    ["http://127.0.0.1:1/a", undefined],
    ["http://127.9.9.9/a", undefined],
    ["http://[::1]:80/a", undefined],
    ["http://localhost/a", undefined],
    ["http://host.org/a", "plain http is only for this machine; use https"],
    ["http://127.0.0.1.host.org/a", "plain http is only for this machine; use https"],
    ["http://localhost.host.org/a", "plain http is only for this machine; use https"],
    ["http://[::ffff:127.0.0.1]/a", "plain http is only for this machine; use https"],
    ["https://ann@host.org/a", "the address holds a user or a password; leave them out"],
    ["https://:pw@host.org/a", "the address holds a user or a password; leave them out"],
    ["file:///etc/passwd", 'the scheme "file:" is not supported; use https'],
    ["ftp://host.org/a", 'the scheme "ftp:" is not supported; use https'],
  ])("%s", (url, problem) => {
    expect(addressProblem(new URL(url))).toBe(problem);
  });
});

describe("a redirect", () => {
  const trail = (...urls: string[]) => urls.map((url) => new URL(url)) as [URL, ...URL[]];

  it.each([
    ["/b", "https://host.org/b"],
    ["c?x=1#y", "https://host.org/dir/c?x=1"],
    ["//host.org/d", "https://host.org/d"],
    ["https://host.org:443/e", "https://host.org/e"],
  ])("to %s on the same host is followed", (location, url) => {
    const next = followRedirect(location, trail("https://host.org/dir/a"), sameHost);
    expect(next).toEqual({ url: new URL(url) });
  });

  it.each([
    ["https://other.org/a", 'a redirect may not leave the host "host.org"'],
    ["https://host.org:8443/a", 'a redirect may not leave the host "host.org"'],
    ["https://host.org.evil.org/a", 'a redirect may not leave the host "host.org"'],
    ["http://host.org/a", "plain http is only for this machine"],
    ["http://127.0.0.1/a", "a redirect from https to http is never followed"],
    ["https://127.0.0.1/a", "a redirect from another host to this machine is never followed"],
    ["https://127.1/a", "a redirect from another host to this machine is never followed"],
    ["https://2130706433/a", "a redirect from another host to this machine is never followed"],
    ["https://[::ffff:127.0.0.1]/a", "a redirect from another host to this machine is never followed"],
    ["https://[::]/a", "a redirect from another host to this machine is never followed"],
    ["https://0.0.0.0/a", "a redirect from another host to this machine is never followed"],
    ["https://LOCALHOST./a", "a redirect from another host to this machine is never followed"],
    ["file:///etc/passwd", 'the scheme "file:"'],
    ["data:text/html,x", 'the scheme "data:"'],
    ["https://a:b@host.org/a", "the address holds a user or a password"],
    ["/dir/a", "the server redirects in a circle"],
    ["https://[/", "the server redirects to a text that is no address"],
    [undefined, "the server redirects without saying where to"],
  ])("to %s is not", (location, problem) => {
    const next = followRedirect(location, trail("https://host.org/dir/a"), sameHost);
    expect(next).toEqual({ problem: expect.stringContaining(problem) });
  });

  it("leaves the host where that is allowed", () => {
    const from = trail("https://host.org/a");
    const other = { url: new URL("https://cdn.org/a") };
    expect(followRedirect("https://cdn.org/a", from, anyHost)).toEqual(other);
    expect(followRedirect("https://cdn.org/a", from, { ...sameHost, allowedHosts: ["cdn.org"] })).toEqual(other);
    expect(followRedirect("https://x.cdn.org/a", from, { ...sameHost, allowedHosts: ["cdn.org"] })).toHaveProperty(
      "problem",
    );
  });

  it("is followed five times", () => {
    const five = trail(...[1, 2, 3, 4, 5].map((hop) => `https://host.org/${hop}`));
    expect(followRedirect("/6", five, sameHost)).toHaveProperty("url");
    const six = trail(...[1, 2, 3, 4, 5, 6].map((hop) => `https://host.org/${hop}`));
    expect(followRedirect("/7", six, sameHost)).toEqual({ problem: expect.stringContaining("more than 5 times") });
  });
});
