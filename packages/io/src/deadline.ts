import { setMaxListeners } from "node:events";

/**
 * Does work with a signal that is aborted with `signal`, or when the time is over. Not `AbortSignal.any` with
 * `AbortSignal.timeout`: where nothing but `fetch` knows of the two, the garbage collector may take them, and nothing ends it.
 */
export async function withDeadline<T>(
  signal: AbortSignal,
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const follow = () => controller.abort(signal.reason);
  const timer = setTimeout(
    () => controller.abort(new DOMException(`no answer within ${timeoutMs / 1000} s`, "TimeoutError")),
    timeoutMs,
  );
  // Many pieces of work at once have one signal.
  setMaxListeners(0, signal);
  signal.addEventListener("abort", follow);
  if (signal.aborted) follow();
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", follow);
  }
}
