import { codeOf, messageOf } from "@forgebench/errors";
import { AttemptError } from "./download-error.ts";

const WORDS: Readonly<Record<string, string>> = {
  ENOTFOUND: "the name of the host is not known (DNS)",
  EAI_AGAIN: "the name of the host could not be looked up (DNS did not answer)",
  ECONNREFUSED: "the connection was refused: nothing listens there",
  ECONNRESET: "the connection was cut",
  EPIPE: "the connection was cut",
  ERR_STREAM_PREMATURE_CLOSE: "the connection was cut",
  ETIMEDOUT: "the host did not answer in time",
  EHOSTUNREACH: "the host cannot be reached",
  ENETUNREACH: "the network cannot be reached",
};

const CERTIFICATE = /^(CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_CERT|HOSTNAME_MISMATCH|INVALID_CA)/;
const TLS = /^(ERR_TLS_|ERR_SSL_|EPROTO)/;

/** A network failure in words; a refused certificate will be refused again, all other failures may pass. */
export function networkFailure(error: unknown): AttemptError {
  const code = codeOf(error) ?? "";
  const isCertificate = CERTIFICATE.test(code);
  return new AttemptError({
    reason: "unavailable",
    problem: wordsFor(code, error),
    again: !isCertificate,
    cause: error,
  });
}

function wordsFor(code: string, error: unknown): string {
  if (CERTIFICATE.test(code)) return `the host's TLS certificate is not trusted (${code})`;
  if (TLS.test(code)) return `no TLS connection could be made (${code})`;
  if (code.startsWith("HPE_")) return `the answer is not HTTP (${code})`;
  return WORDS[code] ?? (code === "" ? messageOf(error) : `the connection failed (${code})`);
}
