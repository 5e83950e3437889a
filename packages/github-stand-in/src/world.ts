import { randomBytes } from "node:crypto";
import type { BareRepository } from "./git-repository.ts";
import type { Issue } from "./issue-state.ts";
import type { StandInAccount, StandInRepository } from "./stand-in.ts";

/** A file of a release. One whose upload broke off is a `starter`, whose hash is not known. */
export interface Asset {
  readonly id: number;
  readonly name: string;
  state: "uploaded" | "starter";
  readonly contentType: string;
  sizeBytes: number;
  sha256: string | undefined;
  readonly file: string;
}

/** A release as the stand-in keeps it; what answers show of it is made from this. */
export interface Release {
  readonly id: number;
  tagName: string;
  targetCommitish: string;
  name: string | null;
  body: string | null;
  isDraft: boolean;
  isPrerelease: boolean;
  /** Stands in a draft's addresses instead of its tag. */
  readonly draftSlug: string;
  readonly assets: Asset[];
}

/** A repository as the stand-in keeps it: its refs and commits lie in `bare`, all else here. */
export interface Repository {
  readonly id: number;
  readonly owner: string;
  readonly name: string;
  readonly fullName: string;
  readonly options: StandInRepository;
  readonly bare: BareRepository;
  /** Writing calls take turns. */
  readonly turn: Turn;
  readonly releases: Release[];
  /** Pull requests are issues too. */
  readonly issues: Issue[];
  /** As they were first spelled, by their small letters. */
  readonly labels: Map<string, string>;
  readonly protectedBranches: Set<string>;
}

/** Everything that the stand-in knows, and where its servers are. */
export interface World {
  readonly accounts: ReadonlyMap<string, StandInAccount>;
  readonly repositories: readonly Repository[];
  readonly folder: string;
  readonly secret: Buffer;
  readonly now: () => Date;
  readonly nextId: () => number;
  readonly at: { api: string; uploads: string; storage: string; web: string };
}

/** Runs one piece of work after the other. */
export class Turn {
  #last: Promise<unknown> = Promise.resolve();

  async take<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work, work);
    this.#last = mine.catch(() => undefined);
    return await mine;
  }
}

/** The repository of that name today, in whatever case it is written. */
export function repositoryNamed(world: World, owner: string, name: string): Repository | undefined {
  const wanted = `${owner}/${name}`.toLowerCase();
  return world.repositories.find(({ fullName }) => fullName.toLowerCase() === wanted);
}

/** The repository that once had the name. */
export function repositoryRenamedFrom(world: World, owner: string, name: string): Repository | undefined {
  const wanted = `${owner}/${name}`.toLowerCase();
  return world.repositories.find(({ options }) => options.renamedFrom?.some((old) => old.toLowerCase() === wanted));
}

/** The address of a repository's page, without a slash at its end. */
export const webUrlOf = (world: World, repository: Repository) => `${world.at.web}/${repository.fullName}`;

/** Fresh random digits, two for each byte. */
export const randomHex = (bytes: number) => randomBytes(bytes).toString("hex");

/** A time as GitHub writes it: UTC, whole seconds. */
export const isoSeconds = (date: Date) => date.toISOString().replace(/\.\d{3}Z$/, "Z");

/** A person or bot as it stands in answers. */
export function actor(world: World, login: string) {
  const account = [...world.accounts.values()].find((one) => one.login === login);
  return { login, type: account?.kind ?? "User" };
}
