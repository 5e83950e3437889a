import type { EvidenceDifference } from "./difference.ts";

/** So many differences are shown, of each member at most so many, and of one of its fields at most so many. */
const SHOWN = { all: 12, ofMember: 4, ofField: 2 };

/** The shown part of many differences, and in words the number of the others; empty if these are all. */
export function chooseShown(differences: readonly EvidenceDifference[]): {
  readonly shown: readonly EvidenceDifference[];
  readonly more: string;
} {
  const chosenCounts = new Map<string, number>();
  const memberCounts = new Map<string, number>();
  const chosen = differences.filter(({ member, field }) => {
    add(memberCounts, member);
    return add(chosenCounts, `${member} ${field}`) <= SHOWN.ofField && add(chosenCounts, member) <= SHOWN.ofMember;
  });
  const shown = chosen.slice(0, SHOWN.all);
  const byMember = [...memberCounts].map(([member, count]) => `${count} in ${member}`).join(", ");
  const moreCount = differences.length - shown.length;
  return { shown, more: moreCount === 0 ? "" : `${moreCount} more; all: ${byMember}` };
}

function add(counts: Map<string, number>, key: string): number {
  const count = (counts.get(key) ?? 0) + 1;
  counts.set(key, count);
  return count;
}
