import type { TierPlan } from "./plan-tiers.ts";
import type { BuiltTier, DatasetIdentity } from "./tier-documents.ts";
import { tierSizeBytes } from "./tier-documents.ts";
import { packTierFolder, writeTierFolder } from "./tier-folder.ts";

/** A tier on its way: whole under temporary names, then moved to its place. */
export interface StagedTier {
  readonly plan: TierPlan;
  readonly manifest: BuiltTier["manifest"];
  readonly archiveName: string;
  /** Temporary names, in the folders where the tier and its archive will be. */
  readonly folder: string;
  readonly archive: string;
}

interface StagingHooks {
  readonly signal: AbortSignal;
  readonly onProgress: (label: "copy" | "pack MB", done: number, total: number, tierId: string) => void;
  /** Tells what the system refuses of a file from other failures. */
  readonly writing: <T>(file: string, work: Promise<T>) => Promise<T>;
}

/** Copies the images of all tiers, then packs them, under temporary names. @throws as the work on each tier does */
export async function stageTiers(
  staged: readonly StagedTier[],
  { createdAt }: DatasetIdentity,
  hooks: StagingHooks,
): Promise<BuiltTier[]> {
  await copyTiers(staged, hooks);
  return packTiers(staged, Math.floor(createdAt.getTime() / 1000), hooks);
}

async function copyTiers(staged: readonly StagedTier[], { signal, onProgress, writing }: StagingHooks): Promise<void> {
  const total = sumOf(staged.map(({ plan }) => plan.size));
  let before = 0;
  for (const { plan, manifest, folder } of staged) {
    const report = (images: number) => onProgress("copy", before + images, total, plan.id);
    await writing(folder, writeTierFolder(folder, plan, manifest, { signal, onProgress: report }));
    before += plan.size;
  }
}

async function packTiers(
  staged: readonly StagedTier[],
  mtimeSeconds: number,
  { signal, onProgress, writing }: StagingHooks,
): Promise<BuiltTier[]> {
  const megabytes = (sizeBytes: number) => Math.ceil(sizeBytes / 1e6);
  const total = megabytes(sumOf(staged.map(({ plan }) => tierSizeBytes(plan))));
  const tiers: BuiltTier[] = [];
  let before = 0;
  for (const { plan, manifest, archiveName, folder, archive } of staged) {
    const sizeBytes = tierSizeBytes(plan);
    const report = (bytes: number) =>
      onProgress("pack MB", megabytes(before + Math.min(bytes, sizeBytes)), total, plan.id);
    const options = { signal, mtimeSeconds, onProgress: report };
    const packed = await writing(archive, packTierFolder(archive, folder, manifest, options));
    tiers.push({ plan, manifest, archive: packed, archiveName });
    before += sizeBytes;
  }
  return tiers;
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
