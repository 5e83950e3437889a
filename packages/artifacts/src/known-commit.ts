/**
 * The commit that a subject was built from, where that is known and it is another than `claimed`. A known commit may be
 * shortened; what is no hash says nothing.
 */
export function contradictedCommit(subject: unknown, claimed: string | undefined): string | undefined {
  if (claimed === undefined || typeof subject !== "object" || subject === null || !("commit" in subject))
    return undefined;
  const { commit } = subject;
  if (typeof commit !== "string" || !/^[0-9a-f]{7,40}$/.test(commit)) return undefined;
  return claimed.startsWith(commit) ? undefined : commit;
}
