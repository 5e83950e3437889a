/** The facts in a commit object. */
export interface CommitFacts {
  readonly parents: readonly string[];
  readonly authorEmail: string;
  readonly committerEmail: string;
}

/** Of the raw text of a commit object: headers, an empty line, the message. */
export function parseCommit(text: string): CommitFacts {
  const end = text.indexOf("\n\n");
  const headers = (end < 0 ? text : text.slice(0, end)).split("\n");
  const valuesOf = (name: string) =>
    headers.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));
  const emailOf = (name: string) => /<([^>]*)>/.exec(valuesOf(name)[0] ?? "")?.[1] ?? "";
  return {
    parents: valuesOf("parent"),
    authorEmail: emailOf("author"),
    committerEmail: emailOf("committer"),
  };
}
