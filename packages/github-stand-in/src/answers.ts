import type { Readable } from "node:stream";

/** What a request is answered with. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as they are. */
  readonly bytes?: Readable | Buffer;
}

/** Ends a request with an error answer; thrown from wherever it is noticed. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly answer: Answer;

  constructor(
    status: number,
    message: string,
    more: { readonly json?: object; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message);
    this.answer = { status, json: { message, ...more.json, status: `${status}` }, headers: more.headers ?? {} };
  }
}

/** One entry of `errors` in a 422 answer. */
export interface FieldError {
  readonly resource: string;
  readonly code: "already_exists" | "custom" | "invalid" | "missing_field";
  readonly field?: string;
  readonly message?: string;
}

/** GitHub's answer also where something is there that the caller may not see. */
export const notFound = () => new Refusal(404, "Not Found");

/** GitHub's answer to fields that are wrong, each with an entry in `errors`. */
export const invalid = (...errors: readonly FieldError[]) =>
  new Refusal(422, "Validation Failed", { json: { errors } });

/** An answer 200 with a JSON body. */
export const ok = (json: unknown, headers: Answer["headers"] = {}): Answer => ({ status: 200, json, headers });

/** An answer 201 whose `location` is the address of what was made, as GitHub sends it. */
export const created = (json: unknown): Answer => ({ status: 201, json });

/** What a call gets that deletes something. */
export const NO_CONTENT: Answer = { status: 204 };

/**
 * An answer that sends the caller elsewhere: 301 and 307 for a repository that was renamed, 302 to where bytes are
 * stored.
 */
export const redirect = (location: string): Answer => ({ status: 302, headers: { location } });
