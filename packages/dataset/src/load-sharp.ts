import { createRequire } from "node:module";

type SharpModule = typeof import("sharp").default;

let loaded: SharpModule | undefined;

/** sharp, loaded when it is first needed: that takes longer than to start Node. */
export function loadSharp(): SharpModule {
  loaded ??= createRequire(import.meta.url)("sharp") as SharpModule;
  return loaded;
}
