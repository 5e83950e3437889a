import { unreadable } from "../client/client.ts";
import { isRecord } from "../client/failure.ts";

/** A release as GitHub tells it. Names and texts are from outside. */
export interface Release {
  readonly id: number;
  readonly tagName: string;
  readonly body: string;
  readonly isDraft: boolean;
  /** The commit or branch that the tag is made at when the release is published. */
  readonly target: string;
  /** Where people see it. */
  readonly htmlUrl: string;
  /** Where assets are sent, without its `{?name,label}`. */
  readonly uploadUrl: string;
}

/** A file of a release. */
export interface ReleaseAsset {
  readonly id: number;
  readonly name: string;
  readonly sizeBytes: number;
  /** Whether all of it came; a cut upload leaves an asset that is not. */
  readonly isUploaded: boolean;
  /** As GitHub computed it; older servers do not say it. */
  readonly sha256: string | undefined;
}

/** @throws {GitHubFailure} when it is not a release. */
export function readRelease(data: unknown): Release {
  const release = recordOf(data, "a release");
  return {
    id: idOf(release, "a release"),
    tagName: textOf(release, "tag_name"),
    body: typeof release.body === "string" ? release.body : "",
    isDraft: release.draft === true,
    target: textOf(release, "target_commitish"),
    htmlUrl: addressOf(release, "html_url"),
    uploadUrl: addressOf(release, "upload_url").replace(/(\{|%7B).*$/i, ""),
  };
}

/** @throws {GitHubFailure} when it is not an asset. */
export function readAsset(data: unknown): ReleaseAsset {
  const asset = recordOf(data, "an asset");
  const { size, state, digest } = asset;
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) throw unreadable("an asset has no size");
  return {
    id: idOf(asset, "an asset"),
    name: textOf(asset, "name"),
    sizeBytes: size,
    isUploaded: state === "uploaded",
    sha256: typeof digest === "string" ? /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1] : undefined,
  };
}

/** An answer as an object. @throws {GitHubFailure} `unreadable` when it is none; `what` names it in the message. */
export function recordOf(data: unknown, what: string): Readonly<Record<string, unknown>> {
  if (isRecord(data)) return data;
  throw unreadable(`${what} was expected`);
}

/**
 * A field that GitHub always fills with a text.
 * @throws {GitHubFailure} `unreadable` when it is missing or something else.
 */
export function textOf(record: Readonly<Record<string, unknown>>, field: string): string {
  const value = record[field];
  if (typeof value === "string") return value;
  throw unreadable(`"${field}" was expected to be a text`);
}

function idOf({ id }: Readonly<Record<string, unknown>>, what: string): number {
  if (typeof id === "number" && Number.isSafeInteger(id) && id > 0) return id;
  throw unreadable(`${what} has no id`);
}

/** Addresses go to stdout for other programs: anything but an address is refused. */
export function addressOf(record: Readonly<Record<string, unknown>>, field: string): string {
  const text = textOf(record, field);
  if (/^https?:\/\/[\x21-\x7e]+$/.test(text) && URL.canParse(text)) return text;
  throw unreadable(`"${field}" was expected to be an address`);
}
