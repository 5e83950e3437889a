import type { Fact } from "@forgebench/series";

/** A thing that both sides declare, each another one. */
interface FactDifference {
  readonly what: string;
  readonly base: Fact;
  readonly head: Fact;
}

/** Where two sides say that they measured different things; what only one of them declares differs from nothing. */
export function differingFacts(base: readonly Fact[], head: readonly Fact[]): FactDifference[] {
  return base.flatMap((own) => {
    const other = head.find(({ what }) => what === own.what);
    return other === undefined || other.id === own.id ? [] : [{ what: own.what, base: own, head: other }];
  });
}

/** A fact as a person reads it; hashes by their beginning. */
export function shownFact({ name = "", id }: Fact): string {
  const hash = /^[0-9a-f]{64}$/.test(id) ? `sha256 ${id.slice(0, 12)}…` : id;
  return name === "" ? hash : `${name}, ${hash}`;
}
