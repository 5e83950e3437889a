// What schemas and the flags of scripts share, apart from the schemas: flags are read before those are loaded.

/** Text on one line, of 1 to 200 characters. */
export const oneLine = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{1,200}$/u;

/** What starts a run; only scheduled ones move the base. */
export const nightEvents = ["schedule", "workflow_dispatch", "pull_request", "push", "local"] as const;

/** One of {@link nightEvents}; a night record keeps it, and only nights that were `schedule`d may become the base. */
export type NightEvent = (typeof nightEvents)[number];

/** What a night is compared with: what was there the night before, or the last release. */
export const nightCadences = ["night", "release"] as const;

/** One of {@link nightCadences}; nights of one never move the base of the other. */
export type NightCadence = (typeof nightCadences)[number];
