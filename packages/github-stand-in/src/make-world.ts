import { randomBytes } from "node:crypto";
import path from "node:path";
import { BareRepository } from "./git-repository.ts";
import type { StandInOptions, StandInRepository } from "./stand-in.ts";
import { type Repository, Turn, type World } from "./world.ts";

/** The world as the options say, with its repositories on the disk; the servers' addresses are filled in later. */
export async function makeWorld(options: StandInOptions, folder: string, now: () => Date): Promise<World> {
  let lastId = 1000;
  const nextId = () => {
    lastId += 1;
    return lastId;
  };
  const repositories: Repository[] = [];
  const isFork = (given: StandInRepository) => (given.forkOf === undefined ? 0 : 1);
  const entries = Object.entries(options.repositories).toSorted(([, a], [, b]) => isFork(a) - isFork(b));
  for (const [fullName, given] of entries) {
    const origin = repositories.find((one) => one.fullName === given.forkOf);
    repositories.push(await makeRepository(fullName, given, { folder, now, id: nextId(), origin }));
  }
  return {
    accounts: new Map(Object.entries(options.accounts)),
    repositories,
    folder,
    now,
    nextId,
    secret: randomBytes(32),
    at: { api: "", uploads: "", storage: "", web: "" },
  };
}

interface Making {
  readonly folder: string;
  readonly now: () => Date;
  readonly id: number;
  readonly origin: Repository | undefined;
}

async function makeRepository(fullName: string, options: StandInRepository, making: Making): Promise<Repository> {
  const { folder, now, id, origin } = making;
  const [owner = "", name = ""] = fullName.split("/");
  const bare = new BareRepository(path.resolve(options.bareFolder ?? path.join(folder, "git", owner, `${name}.git`)));
  if (origin === undefined) await bare.makeIfAbsent({ login: owner, at: now() });
  else if (!bare.isThere()) await origin.bare.read(["clone", "--quiet", "--bare", origin.bare.folder, bare.folder]);
  return {
    id,
    owner,
    name,
    fullName,
    options,
    bare,
    turn: new Turn(),
    releases: [],
    issues: [],
    labels: new Map(),
    protectedBranches: new Set(),
  };
}
