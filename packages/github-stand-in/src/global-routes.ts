import { type Answer, ok, Refusal } from "./answers.ts";
import type { Caller } from "./auth.ts";
import type { Limits } from "./limits.ts";
import { actor, type World } from "./world.ts";

/** What is asked of no repository. */
export function globalRoutes(world: World, limits: Limits): Readonly<Record<string, (caller: Caller) => Answer>> {
  return {
    "GET /user": (caller) => {
      if (caller === undefined) throw new Refusal(401, "Requires authentication");
      return ok(actor(world, caller.login));
    },
    "GET /rate_limit": (caller) => {
      const { limit, used, resetAtSeconds } = limits.quota(caller, world.now().getTime());
      const core = { limit, used, remaining: Math.max(0, limit - used), reset: resetAtSeconds, resource: "core" };
      return ok({ resources: { core }, rate: core });
    },
  };
}
