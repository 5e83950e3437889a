import { setTimeout as sleep } from "node:timers/promises";
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
