import path from "node:path";
import { sha256Of } from "@forgebench/io";

/** What is asked for, as far as the names of its partial file depend on it. */
export interface Wanted {
  readonly url: URL;
  readonly file: string;
  readonly sha256?: string;
}

/** The files beside a download that is under way. */
export interface PartialNames {
  readonly folder: string;
  /** The bytes so far. */
  readonly partial: string;
  /** What they are bytes of: the server's ETag or date of change. */
  readonly validator: string;
  /** The name, without folder, of the lock that keeps other processes away. */
  readonly lockName: string;
}

/** The same for the same address, name and hash, so that a later run finds what an earlier one left. */
export function partialNames({ url, file, sha256 }: Wanted): PartialNames {
  const folder = path.dirname(file);
  const key = sha256Of(JSON.stringify([url.href, path.basename(file), sha256 ?? null])).slice(0, 32);
  return {
    folder,
    partial: path.join(folder, `.download-${key}.part`),
    validator: path.join(folder, `.download-${key}.from`),
    lockName: `.download-${key}.lock`,
  };
}
