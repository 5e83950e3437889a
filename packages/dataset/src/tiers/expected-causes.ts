import type { DatasetManifest } from "@forgebench/artifacts";
import type { EncoderVersions } from "../synthesis/encode.ts";

/** Something in which two builds differ that explains other bytes. */
interface Cause {
  readonly label: string;
  readonly text: string;
  /** What makes it the same. */
  readonly remedy?: string;
}

/** Why a build may have other bytes than an expected one, as far as the two dataset manifests tell; the likeliest first. */
export function findCauses(expected: DatasetManifest, found: DatasetManifest, machine: EncoderVersions): Cause[] {
  return [...versionCause(expected, found), ...tierCauses(expected, found), ...factCauses(expected, found, machine)];
}

function versionCause({ datasetVersion }: DatasetManifest, found: DatasetManifest): Cause[] {
  if (datasetVersion === found.datasetVersion) return [];
  const text = `expected ${datasetVersion}, this build ${found.datasetVersion}`;
  return [{ label: "version", text, remedy: `--dataset-version ${datasetVersion}` }];
}

/** Whether the images differ or only what is around them. */
function tierCauses(expected: DatasetManifest, found: DatasetManifest): Cause[] {
  const wanted = expected.tiers.map(({ id }) => id);
  const sizes = wanted.map((id) => id.replace("tier", "")).join();
  const others = wanted.length !== found.tiers.length || found.tiers.some(({ id }) => !wanted.includes(id));
  const images = found.tiers.flatMap(({ id, contentSha256, sha256 }) => {
    const other = expected.tiers.find((tier) => tier.id === id);
    if (other === undefined || other.sha256 === sha256) return [];
    if (other.contentSha256 === undefined || contentSha256 === undefined) return [];
    const same = other.contentSha256 === contentSha256;
    return [`${id} has ${same ? "the same images, but other documents or packing" : "other images"}`];
  });
  return [
    ...images.map((text) => ({ label: "images", text })),
    ...(others
      ? [
          {
            label: "tiers",
            text: `expected ${wanted.join(", ")}, this build ${found.tiers.map(({ id }) => id).join(", ")}`,
            remedy: `--tiers ${sizes}`,
          },
        ]
      : []),
  ];
}

/** What else the bytes follow from, as both manifests record it. */
function factCauses(expected: DatasetManifest, found: DatasetManifest, machine: EncoderVersions): Cause[] {
  const [wanted, made] = [expected.reproduction, found.reproduction];
  const [pool, ours] = [wanted?.synthesis, made?.synthesis];
  const encoders = differing("encoders", describeVersions(pool?.encoders), describeVersions(ours?.encoders), {
    also: `this machine ${describeVersions({ ...machine })}`,
    remedy: "make the synthetic pool with the expected encoders, in a checkout that has them",
  });
  const seconds = Date.parse(expected.generatedAt ?? "") / 1000;
  return [
    // Without a synthetic pool there are none, and that is what differs.
    ...(pool === undefined || ours === undefined ? [] : encoders),
    ...differing("synthetic", describePool(pool), describePool(ours), {
      remedy: pool === undefined ? "leave out the synthetic pool" : synthesisCommand(pool),
    }),
    ...differing("pool", imagesInPool(expected), imagesInPool(found), {
      remedy: "the same pictures in --sources-dir, and the same synthetic pool",
    }),
    ...differing("sources", describeSources(expected), describeSources(found), {
      remedy: "fetch the sources again with the same register and the same flags",
    }),
    ...differing("choice", choiceOf(expected), choiceOf(found), {
      remedy: `--${choiceOf(expected) ?? "seed as it was"}`,
    }),
    ...differing("date", expected.generatedAt, found.generatedAt, { remedy: `SOURCE_DATE_EPOCH=${seconds}` }),
    ...differing("packing", JSON.stringify(wanted?.packing), JSON.stringify(made?.packing), {
      remedy: "a checkout that packs as the expected build did",
    }),
  ];
}

function differing(
  label: string,
  expected: string | undefined,
  found: string | undefined,
  { also, remedy }: { readonly also?: string; readonly remedy: string },
): Cause[] {
  if (expected === found) return [];
  const text = [`expected ${expected ?? "none recorded"}`, `this build ${found ?? "none recorded"}`, also];
  return [{ label, text: text.filter((part) => part !== undefined).join("; "), remedy }];
}

type Synthesis = NonNullable<NonNullable<DatasetManifest["reproduction"]>["synthesis"]>;

function describePool(pool: Synthesis | undefined): string | undefined {
  if (pool === undefined) return undefined;
  return `${pool.imageCount} images, seed ${pool.seed}, synthesis ${pool.synthesisVersion ?? "of unknown version"}`;
}

function synthesisCommand({ seed, imageCount }: Synthesis): string {
  return `pnpm run bench:dataset:synthetic -- --count ${imageCount} --seed ${seed}`;
}

function imagesInPool({ sourcePolicy }: DatasetManifest): string | undefined {
  const count = fieldOf(sourcePolicy.pool, "imageCount");
  return typeof count === "number" ? `${count} images` : undefined;
}

function describeSources({ sourcePolicy }: DatasetManifest): string | undefined {
  const { waivers = [], missingSources = [], unpinnedSources = [] } = sourcePolicy;
  const parts = Object.entries({ "fetched with": waivers, missing: missingSources, unpinned: unpinnedSources }).flatMap(
    ([what, names]) => (names.length === 0 ? [] : [`${what} ${names.join(", ")}`]),
  );
  return parts.length === 0 ? undefined : parts.join("; ");
}

function choiceOf({ sourcePolicy }: DatasetManifest): string | undefined {
  const seed = fieldOf(sourcePolicy.selection, "seed");
  return typeof seed === "number" ? `seed ${seed}` : undefined;
}

/** Of what other tools may write in another form. */
function fieldOf(value: unknown, field: string): unknown {
  return typeof value === "object" && value !== null
    ? Object.entries(value).find(([name]) => name === field)?.[1]
    : undefined;
}

function describeVersions(versions: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const parts = Object.entries(versions ?? {}).flatMap(([name, version]) =>
    typeof version === "string" ? [`${name} ${version}`] : [],
  );
  return parts.length === 0 ? undefined : parts.toSorted().join(", ");
}
