/** Fewer characters of a base64 text than this could stand anywhere by chance. */
const MIN_BASE64_LENGTH = 8;

/**
 * Takes a token out of texts that come from outside, in every form in which it may have been passed on: as it is,
 * URL-encoded, escaped for JSON, and in base64 wherever in the encoded text it began.
 */
export function redactor(token: string): (text: string) => string {
  const forms = [...formsOf(token)].sort((a, b) => b.length - a.length);
  return (text) => forms.reduce((rest, form) => rest.replaceAll(form, "***"), text);
}

function formsOf(token: string): Set<string> {
  const url = encodeURIComponent(token);
  const json = JSON.stringify(token).slice(1, -1);
  const base64 = [0, 1, 2].flatMap((offset) => base64At(token, offset));
  return new Set([
    token,
    url,
    url.replace(/%[0-9A-F]{2}/g, (found) => found.toLowerCase()),
    new URLSearchParams({ t: token }).toString().slice(2),
    json,
    json.replaceAll("/", "\\/"),
    ...base64.filter((form) => form.length >= MIN_BASE64_LENGTH),
  ]);
}

/** The characters of base64 that the token alone decides when `offset` bytes, modulo 3, stand before it. */
function base64At(token: string, offset: number): string[] {
  const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(token)]);
  const from = offset === 0 ? 0 : offset + 1;
  const to = Math.floor((bytes.length * 8) / 6);
  return (["base64", "base64url"] as const).map((encoding) => bytes.toString(encoding).slice(from, to));
}
