import { nonCanonicalReasons, type SiteSnapshot } from "@forgebench/artifacts";
import { canonicalText, compareByAge } from "../merge-snapshots.ts";
import {
  type CheckRule,
  fail,
  type GovernanceFacts,
  ofLatest,
  pass,
  unknown,
  type Verdict,
} from "./governance-facts.ts";

const DAY_MS = 86_400_000;
/** How far clocks may be apart. */
const CLOCK_MS = 600_000;

/** Whether the published figures are fresh, right and as the standard says. */
export const snapshotChecks: readonly CheckRule[] = [
  {
    id: "readable",
    title: "The published files can be read",
    remedy: "find the change that broke them; restore them from git, then run the sync again",
    judge: judgeFiles,
  },
  {
    id: "fresh",
    title: "The newest snapshot is fresh",
    remedy:
      "merge the pull request of the sync; if there is none, find out why the nights do not run or must not be shown",
    judge: ofLatest(judgeAge),
  },
  {
    id: "canonical",
    title: "The newest snapshot may be shown",
    remedy: "sync a night that may be shown; the next one replaces it",
    judge: ofLatest((latest) => {
      const reasons = nonCanonicalReasons(latest);
      return reasons.length === 0 ? pass("there is no reason against it") : fail(reasons.join("; "));
    }),
  },
  {
    id: "history",
    title: "The history holds it and is in order",
    remedy: "run the sync again: it repairs the history",
    judge: ofLatest(judgeHistory),
  },
  {
    id: "tier",
    title: "The tier is the standard's",
    remedy: "sync a night of that tier, or change the standard",
    judge: ofLatest(({ source }, { standard }) => compare("tier", source.tier, [standard.tier])),
  },
  {
    id: "dataset-version",
    title: "The dataset version is the standard's",
    remedy: "name the versions in the standard, or measure on one of them",
    judge: ofLatest(({ source }, { standard }) => compare("dataset", source.datasetVersion, standard.datasetVersions)),
  },
  {
    id: "runner",
    title: "The runner is the standard's",
    remedy: "name the runner in the standard, or measure on it",
    judge: ofLatest(({ source }, { standard }) =>
      compare("runner", source.runner, standard.runner === undefined ? undefined : [standard.runner]),
    ),
  },
  {
    id: "profiles",
    title: "The profiles are the standard's",
    remedy: "name the profiles in the standard, or measure them as it says",
    judge: ofLatest(judgeProfiles),
  },
];

function judgeFiles({ latest, history, unreadable = {} }: GovernanceFacts): Verdict {
  const problems = Object.values(unreadable);
  if (problems.length > 0) return fail(problems.join("; "));
  const missing = [...(latest === undefined ? ["latest"] : []), ...(history === undefined ? ["history"] : [])];
  return missing.length === 0 ? pass("both fit their schema") : unknown(`there is no ${missing.join(" and no ")}`);
}

function judgeAge(latest: SiteSnapshot, { now, standard: { maxAgeDays } }: GovernanceFacts): Verdict {
  const ageMs = Date.parse(now) - Date.parse(latest.generatedAt);
  if (!Number.isFinite(ageMs)) return unknown(`its age cannot be told: ${latest.generatedAt} against ${now}`);
  if (ageMs < -CLOCK_MS)
    return fail(`${latest.snapshotId} says that it was made at ${latest.generatedAt}, after ${now}`);
  const detail = `${latest.snapshotId} is ${Math.max(0, ageMs / DAY_MS).toFixed(1)} days old; ${maxAgeDays} are allowed`;
  return ageMs <= maxAgeDays * DAY_MS ? pass(detail) : fail(detail);
}

function judgeHistory(latest: SiteSnapshot, { history }: GovernanceFacts): Verdict {
  if (history === undefined) return unknown("no history could be read");
  const { items } = history;
  const found = items.find(({ snapshotId }) => snapshotId === latest.snapshotId);
  const isOlder = items.length > 0 && items.every((item) => compareByAge(item, latest) < 0);
  if (found === undefined && !isOlder) return fail(`${latest.snapshotId} is not in the history`);
  if (found !== undefined && canonicalText(found) !== canonicalText(latest)) {
    return fail(`the history holds other figures of ${latest.snapshotId}`);
  }
  const isOrdered = items.every((item, index) => compareByAge(items[index - 1] ?? item, item) <= 0);
  const isOnce = new Set(items.map(({ snapshotId }) => snapshotId)).size === items.length;
  if (!isOrdered || !isOnce) return fail(`the history is ${isOnce ? "not in order" : "not free of repetitions"}`);
  const newer = items.find((item) => compareByAge(item, latest) < 0 && nonCanonicalReasons(item).length === 0);
  if (newer !== undefined) return fail(`${newer.snapshotId} of the history is newer and may be shown`);
  return pass(`${items.length} of at most ${history.retention} snapshots, in order`);
}

function compare(name: string, found: string, allowed: readonly string[] | undefined): Verdict {
  if (allowed === undefined || allowed.length === 0) return unknown(`the standard names no ${name}; found ${found}`);
  return allowed.includes(found) ? pass(`${name} ${found}`) : fail(`${name} ${found} is not ${allowed.join(" or ")}`);
}

function judgeProfiles({ benchmark: { profiles } }: SiteSnapshot, { standard }: GovernanceFacts): Verdict {
  const wanted = standard.profiles ?? [];
  if (wanted.length === 0)
    return unknown(`the standard names no profiles; found ${profiles.map(({ id }) => id).join(", ")}`);
  const wrong = wanted.flatMap((standardProfile) => {
    const found = profiles.find(({ id }) => id === standardProfile.id);
    if (found === undefined) return [`${standardProfile.id} is missing`];
    return Object.entries(standardProfile).flatMap(([field, value]) =>
      canonicalText([found[field]]) === canonicalText([value])
        ? []
        : [`${found.id} has ${field} ${JSON.stringify(found[field])}, not ${JSON.stringify(value)}`],
    );
  });
  const extra = profiles
    .filter(({ id }) => !wanted.some((one) => one.id === id))
    .map(({ id }) => `${id} is not in the standard`);
  const problems = [...wrong, ...extra];
  return problems.length === 0 ? pass(wanted.map(({ id }) => id).join(", ")) : fail(problems.join("; "));
}
