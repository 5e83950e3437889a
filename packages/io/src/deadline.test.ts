import http from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { withDeadline } from "./deadline.ts";

const waiting = (signal: AbortSignal) => sleep(10_000, undefined, { signal });
const open = () => new AbortController().signal;

it("ends with the time, with the signal, or with the work", async () => {
  await expect(withDeadline(open(), 20, waiting)).rejects.toMatchObject({ name: "AbortError" });
  const controller = new AbortController();
  const ended = withDeadline(controller.signal, 10_000, waiting);
  controller.abort(new Error("told to"));
  await expect(ended).rejects.toMatchObject({ name: "AbortError" });
  await expect(withDeadline(controller.signal, 10_000, waiting)).rejects.toMatchObject({ name: "AbortError" });
  expect(await withDeadline(open(), 10_000, async () => 7)).toBe(7);
});

it("ends a request that is never answered, also when all that can be is collected meanwhile", async () => {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  const server = http.createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const asked = withDeadline(open(), 300, (signal) => fetch(url, { signal })).catch(({ name }: Error) => name);
    for (let round = 0; round < 10; round += 1) {
      await sleep(15);
      collect();
    }
    expect(await Promise.race([asked, sleep(60_000, "nothing ended it", { ref: false })])).toBe("TimeoutError");
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
