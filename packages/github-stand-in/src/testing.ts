import { onTestFinished } from "vitest";
import { type StandIn, type StandInOptions, type StandInRepository, startStandIn } from "./stand-in.ts";

const NOTHING = { contents: "none", pullRequests: "none", issues: "none" } as const;

/** Tokens of the accounts in these tests. */
export const TOKENS = {
  writer: "t-writer",
  reader: "t-reader",
  stranger: "t-stranger",
  bot: "t-bot",
  old: "t-old",
} as const;

export const ACCOUNTS: StandInOptions["accounts"] = {
  [TOKENS.writer]: {
    login: "wendy",
    permissions: { contents: "write", pullRequests: "write", issues: "write" },
  },
  [TOKENS.reader]: { login: "rita", permissions: { contents: "read", pullRequests: "read", issues: "read" } },
  [TOKENS.stranger]: { login: "sam", permissions: NOTHING },
  [TOKENS.bot]: { login: "robot[bot]", kind: "Bot", permissions: { ...NOTHING, contents: "read" } },
  [TOKENS.old]: { login: "olga", permissions: NOTHING, expired: true },
};

/** A stand-in with a repository `acme/site` and these accounts; it ends with the test. */
export async function started(
  repository: StandInRepository = {},
  more: Partial<StandInOptions> = {},
): Promise<StandIn> {
  const standIn = await startStandIn({
    accounts: ACCOUNTS,
    ...more,
    repositories: { "acme/site": repository, ...more.repositories },
  });
  onTestFinished(() => standIn.stop());
  return standIn;
}

export interface Asked {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every kind
  readonly json: any;
  readonly text: string;
}

export interface Asking {
  readonly as?: keyof typeof TOKENS;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

/** One request; `where` is a path below `acme/site` or an address. Redirects are not followed. */
export async function ask(standIn: StandIn, what: string, { as, json, headers, body }: Asking = {}): Promise<Asked> {
  const [method = "GET", where = ""] = what.split(" ");
  const url = where.startsWith("http") ? where : `${standIn.apiUrl}/repos/acme/site${where}`;
  const sent = json === undefined ? body : JSON.stringify(json);
  const response = await fetch(url, {
    method,
    redirect: "manual",
    headers: { ...(as === undefined ? {} : { authorization: `Bearer ${TOKENS[as]}` }), ...headers },
    ...(sent === undefined ? {} : { body: sent }),
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.startsWith("application/json") === true && text !== "";
  return { status: response.status, headers: response.headers, json: isJson ? JSON.parse(text) : undefined, text };
}

/** Uploads an asset as the writer. */
export async function upload(
  standIn: StandIn,
  release: { readonly upload_url: string },
  name: string,
  body: string | Uint8Array<ArrayBuffer> = name,
): Promise<Asked> {
  const url = release.upload_url.replace("{?name,label}", `?name=${encodeURIComponent(name)}`);
  return await ask(standIn, `POST ${url}`, {
    as: "writer",
    body,
    headers: { "content-type": "application/octet-stream" },
  });
}
