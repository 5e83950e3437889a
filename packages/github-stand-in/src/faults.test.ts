import { expect, it } from "vitest";
import type { Fault } from "./stand-in.ts";
import { ask, started } from "./testing.ts";

const withFault = async (how: Fault["how"], more: Partial<Fault> = {}) => {
  const standIn = await started();
  standIn.addFault({ match: /GET \/repos\/acme\/site$/, how, ...more });
  return standIn;
};

it("answers with a status so often, and then as always", async () => {
  const standIn = await withFault({ kind: "status", status: 502, message: "Bad Gateway" }, { times: 2 });
  const statuses: number[] = [];
  for (let count = 0; count < 3; count += 1) statuses.push((await ask(standIn, "GET ")).status);
  expect(statuses).toEqual([502, 502, 200]);
  expect(standIn.requests.map(({ status }) => status)).toEqual([502, 502, 200]);
});

it("limits as GitHub does, primary and secondary", async () => {
  const standIn = await withFault({ kind: "rate-limit", resetSeconds: 60 });
  const askedAt = Date.now() / 1000;
  const primary = await ask(standIn, "GET ");
  expect([primary.status, primary.headers.get("x-ratelimit-remaining")]).toEqual([403, "0"]);
  expect(Number(primary.headers.get("x-ratelimit-reset"))).toBeGreaterThan(askedAt + 50);
  standIn.addFault({ match: /./, how: { kind: "secondary-limit", retryAfterSeconds: 7 } });
  const secondary = await ask(standIn, "GET ");
  expect([secondary.status, secondary.headers.get("retry-after"), secondary.json.message]).toEqual([
    403,
    "7",
    expect.stringContaining("secondary rate limit"),
  ]);
});

it("does the work behind an answer that was lost, or not", async () => {
  const standIn = await started();
  const create = (tag: string) => ask(standIn, "POST /releases", { as: "writer", json: { tag_name: tag } });
  standIn.addFault({ method: "POST", match: /releases/, how: { kind: "reset" } });
  await expect(create("v1")).rejects.toThrow();
  standIn.addFault({ method: "POST", match: /releases/, how: { kind: "reset", afterWork: true } });
  await expect(create("v2")).rejects.toThrow();
  standIn.addFault({ method: "POST", match: /releases/, how: { kind: "status", status: 502, afterWork: true } });
  expect((await create("v3")).status).toBe(502);
  const tags = (await ask(standIn, "GET /releases")).json.map((one: { tag_name: string }) => one.tag_name);
  expect(tags).toEqual(["v3", "v2"]);
});

it("cuts an answer short, slows it down, and keeps it waiting", async () => {
  const standIn = await withFault({ kind: "truncate", afterBytes: 40 });
  await expect(ask(standIn, "GET ")).rejects.toThrow();
  const asked = async (how: Fault["how"]) => {
    standIn.addFault({ match: /./, how });
    return (await ask(standIn, "GET ")).json.name;
  };
  expect(await asked({ kind: "delay", delayMs: 20 })).toBe("site");
  expect(await asked({ kind: "slow", bytesPerSecond: 1e5 })).toBe("site");
  // Whoever would have to wait for hours has no answer while others are answered.
  const answered: string[] = [];
  for (const how of [
    { kind: "delay", delayMs: 3_600_000 },
    { kind: "slow", bytesPerSecond: 0.1 },
  ] as const) {
    const before = standIn.requests.length;
    void asked(how).then(
      () => answered.push(how.kind),
      () => undefined,
    );
    while (standIn.requests.length === before) await new Promise((next) => setTimeout(next, 5));
    expect((await ask(standIn, "GET ")).json.name).toBe("site");
  }
  expect(answered).toEqual([]);
});

it("forgets faults that are cleared", async () => {
  const standIn = await withFault({ kind: "status", status: 500 }, { times: 100 });
  expect((await ask(standIn, "GET ")).status).toBe(500);
  standIn.clearFaults();
  expect((await ask(standIn, "GET ")).status).toBe(200);
});
