import {
  type CheckRule,
  fail,
  type GovernanceFacts,
  ofLatest,
  pass,
  unknown,
  type Verdict,
} from "./governance-facts.ts";

/** Whether people see the published figures. */
export const pageChecks: readonly CheckRule[] = [
  {
    id: "page",
    title: "The page shows the newest snapshot",
    remedy: "deploy the website, and check the page",
    judge: ofLatest(({ snapshotId }, { page }) => {
      if (page === undefined) return unknown("the page was not requested");
      if (!isAnswer(page.status)) return fail(`the page answers ${describeStatus(page.status)}`);
      if (page.shownSnapshotId === undefined) return unknown("the page does not say which snapshot it shows");
      if (page.shownSnapshotId !== snapshotId) return fail(`the page shows ${page.shownSnapshotId}, not ${snapshotId}`);
      return pass(`the page shows ${snapshotId}`);
    }),
  },
  {
    id: "links",
    title: "The links of the page answer",
    remedy: "repair the links that do not answer",
    judge: judgeLinks,
  },
];

function judgeLinks({ page }: GovernanceFacts): Verdict {
  if (page === undefined || page.links.length === 0) return unknown("no link of the page was requested");
  const dead = page.links.filter(({ status }) => !isAnswer(status));
  if (dead.length === 0) return pass(`${page.links.length} of ${page.links.length} answer`);
  const named = dead.slice(0, 5).map(({ url, status }) => `${url} (${describeStatus(status)})`);
  const more = dead.length > named.length ? ` and ${dead.length - named.length} more` : "";
  return fail(`${dead.length} of ${page.links.length} do not answer: ${named.join(", ")}${more}`);
}

function isAnswer(status: number): boolean {
  return status >= 200 && status < 400;
}

function describeStatus(status: number): string {
  return status === 0 ? "nothing" : String(status);
}
