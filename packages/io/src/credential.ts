import { inspect } from "node:util";
import { type ErrorDetail, UsageError } from "@forgebench/errors";
import { redactor } from "./redact.ts";

/** A secret with all that belongs to it. Wherever it is printed or serialised, only the name of its variable shows. */
export class Credential {
  readonly #value: string;
  /** The only origin that it may be sent to, such as `https://github.com`. */
  readonly origin: string;
  /** The environment variable that it came from, for messages. */
  readonly variable: string;
  /** Takes the secret out of a text from outside, in whatever form. */
  readonly redact: (text: string) => string;

  /** `url` is any address of the origin that it is for. */
  constructor(value: string, variable: string, url: string) {
    this.#value = value;
    this.variable = variable;
    this.origin = new URL(url).origin;
    this.redact = redactor(value);
  }

  /** The secret itself: for the header or the password, and nothing else. */
  get value(): string {
    return this.#value;
  }

  toString(): string {
    return `the secret in "${this.variable}"`;
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/**
 * The credential in a variable, for the origin of `url`; nothing when no variable is named, or when it is unset and that
 * `isOptional`.
 * @throws {UsageError} when the variable is empty or holds more than a token. The token itself is never quoted.
 */
export function credentialIn(
  env: Readonly<Record<string, string | undefined>>,
  variable: string | undefined,
  url: string,
  { isOptional = false }: { readonly isOptional?: boolean } = {},
): Credential | undefined {
  if (variable === undefined) return undefined;
  const value = env[variable] ?? "";
  if (/^[\x21-\x7e]+$/.test(value)) return new Credential(value, variable, url);
  if (value === "" && isOptional) return undefined;
  const problem =
    value === "" ? "is not set" : "holds more than a token: a space, a line break or another odd character";
  throw new UsageError(`--token-env: the variable "${variable}" ${problem}`);
}

/** Takes the secret out of a text from outside; where there is none, nothing. */
export function redacted(text: string, credential: Credential | undefined): string {
  return credential === undefined ? text : credential.redact(text);
}

/** The words of an error about the token that was sent. */
export function tokenDetail(variable: string | undefined): ErrorDetail {
  return { label: "token", text: variable === undefined ? "none was sent" : `from the variable "${variable}"` };
}
