import type { Fact } from "@forgebench/series";

/** A thing that both sides declare, each another one. */
interface FactDifference {
  readonly what: string;
  readonly base: Fact;
  readonly head: Fact;
}

/** The facts that differ between two sides; a fact that only one of them declares is no difference. */
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
