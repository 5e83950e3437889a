import { setImmediate as nextTurn } from "node:timers/promises";
import { encodeImage } from "./encode.ts";
import type { ImagePlan } from "./plan.ts";
import type { Raster, Renderer } from "./render.ts";
import type { Timings } from "./timings.ts";

/** Pixels of pictures that are being encoded at the same time: it bounds the memory, some 10 bytes a pixel. */
const MAX_PIXELS_IN_FLIGHT = 16_000_000;

/** What {@link produceImages} is given. */
interface Production {
  readonly renderer: Renderer;
  /** Images that are rendered, encoded or written at the same time. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
  /** Takes a finished image; the next ones go on meanwhile. */
  finish(plan: ImagePlan, content: Buffer): Promise<void>;
  /** Told the CPU time of the process in each part; the figures belong to the image only when `concurrency` is 1. */
  readonly timings?: Timings;
}

/**
 * Renders and encodes images: rendering on this thread, encoding beside it on the thread pool.
 * When one fails, or the signal is aborted, those under way are finished first, so that nothing is written afterwards.
 */
export async function produceImages(plans: readonly ImagePlan[], production: Production): Promise<void> {
  const { renderer, concurrency, signal, timings } = production;
  const running = new Set<Promise<void>>();
  let pixelsInFlight = 0;
  try {
    for (const plan of plans) {
      const pixels = plan.width * plan.height * plan.frames;
      while (running.size >= concurrency || (running.size > 0 && pixelsInFlight + pixels > MAX_PIXELS_IN_FLIGHT)) {
        await Promise.race(running);
      }
      // Rendering blocks the thread: whatever has ended or was asked for meanwhile is heard between two images.
      await nextTurn();
      signal.throwIfAborted();
      const startedMs = timings === undefined ? 0 : cpuMs();
      const raster = renderer.render(plan);
      const renderMs = timings === undefined ? 0 : cpuMs() - startedMs;
      pixelsInFlight += pixels;
      const task = encodeAndFinish(raster, plan, renderMs, production).finally(() => {
        pixelsInFlight -= pixels;
        running.delete(task);
      });
      running.add(task);
      // Awaited later; until then its failure is not an unhandled one.
      task.catch(() => undefined);
    }
    await Promise.all(running);
  } finally {
    await Promise.allSettled(running);
  }
}

async function encodeAndFinish(
  raster: Raster,
  plan: ImagePlan,
  renderMs: number,
  production: Production,
): Promise<void> {
  const { timings } = production;
  // The system's clock of CPU time is slow to ask.
  const startedMs = timings === undefined ? 0 : cpuMs();
  const content = await encodeImage(raster, plan);
  raster.release();
  timings?.add(plan, { renderMs, encodeMs: cpuMs() - startedMs });
  await production.finish(plan, content);
}

/** CPU time of this process so far, all threads, user and system. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
