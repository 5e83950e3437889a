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

export const notFound = () => new Refusal(404, "Not Found");

export const invalid = (...errors: readonly FieldError[]) =>
  new Refusal(422, "Validation Failed", { json: { errors } });

export const ok = (json: unknown, headers: Answer["headers"] = {}): Answer => ({ status: 200, json, headers });

export const created = (json: unknown): Answer => ({ status: 201, json });

export const NO_CONTENT: Answer = { status: 204 };

export const redirect = (location: string): Answer => ({ status: 302, headers: { location } });
