import { ArtifactError } from "@forgebench/errors";
import * as z from "zod";
import { type ArtifactKind, checkArtifact, fields, parseArtifact } from "./artifact-kind.ts";
import { checkFields } from "./field-issues.ts";
import { duplicatesIn, filenameProblem, isPublicDomain, sourceUrlProblem } from "./source-rules.ts";

/** One line of text that a person wrote, without control characters. */
const line = (maxLength: number) =>
  z
    .string()
    .trim()
    .max(maxLength)
    .regex(/^\P{Cc}*$/u, "holds a control character or a line break");

/** A text that is right when the rule finds no problem with it. */
const text = (problemOf: (value: string) => string | undefined) =>
  z.string().superRefine((value, context) => {
    const message = problemOf(value);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  });

const source = z
  .looseObject({
    /** Where its images come from in manifests and attributions. */
    id: z
      .string()
      .regex(/^[A-Za-z0-9][\w.-]{0,99}$/, "not 1 to 100 letters, digits, ., _ and -, the first a letter or digit")
      .refine((id) => id !== "local" && id !== "synthetic", "stands for images that come from no source"),
    /** https, or http on this machine; without user and password. */
    url: text(sourceUrlProblem),
    /** Preferably an SPDX identifier, for example `CC-BY-4.0`. */
    license: line(200).min(1, "is empty; an image without a licence is not published"),
    /** Who made it, as the licence asks to be named; may be left out in the public domain only. */
    attribution: line(1000).nullable().default(""),
    /** The bare name of the file in the folder of sources. */
    filename: text(filenameProblem),
    /** Of the file; without it the source fails unless that is waived. Empty is what a person leaves who has none yet. */
    sha256: z
      .string()
      .regex(/^([0-9a-f]{64})?$/, "not a SHA-256 in lower-case hexadecimal")
      .nullable()
      .default(null)
      .transform((sha256) => (sha256 === "" ? null : sha256)),
    /** `false`: not fetched. */
    enabled: z.boolean().default(true),
    title: line(1000).optional(),
    sizeBytes: fields.sizeBytes.optional(),
    /** Hosts, `host` or `host:port`, that the url's own may redirect to. */
    allowedHosts: z
      .array(z.string().regex(/^[a-z0-9.-]+(:\d{1,5})?$/, "not a host such as images.example.org"))
      .max(20)
      .optional(),
  })
  .superRefine(({ license, attribution }, context) => {
    if (isPublicDomain(license) || (attribution ?? "") !== "") return;
    context.addIssue({
      code: "custom",
      path: ["attribution"],
      message: `is empty, which only the public domain allows, and "${license}" is not known as that`,
    });
  });

const schema = z.looseObject({ kind: z.string().optional(), version: z.string(), sources: z.array(source) });

/** A valid entry of the register, with its defaults filled in; `sha256` is null where nobody has named one yet. */
export type Source = z.infer<typeof source>;
type SourcesRegister = z.infer<typeof schema>;

/**
 * Written by a person; read by `fetch-sources` through {@link parseSourcesRegister}, so that one bad entry does not
 * spoil the rest.
 */
export const sourcesRegister: ArtifactKind<SourcesRegister> = {
  kind: "sources register",
  slug: "sources-register",
  fileName: "sources.json",
  summary: "Images with open licences that a dataset takes: where each is, its licence, attribution and SHA-256.",
  encoding: "json",
  version: { field: "version", current: "1.0" },
  schema,
};

/** The fields of a wrong entry that are right by themselves. */
export type StatedFields = Partial<Pick<Source, "url" | "license" | "attribution" | "filename" | "sha256" | "title">>;

/** An entry of a register: right, or with what is wrong with it. */
export type RegisterEntry = {
  /** Its own, or `sources[N]` where it has none of the right form. */
  readonly id: string;
  readonly enabled: boolean;
} & ({ readonly source: Source } | { readonly problems: readonly string[]; readonly stated: StatedFields });

/**
 * Reads a register entry by entry, so that a bad one is that source's problem alone; a bare array of entries is a register
 * too. Ids must differ, and the filenames of enabled entries must, also without regard to case and Unicode form.
 * @throws {ArtifactError} when the file is no register at all.
 */
export function parseSourcesRegister(content: string, path: string): RegisterEntry[] {
  const envelope = { ...sourcesRegister, schema: z.looseObject({ sources: z.array(z.unknown()) }) };
  const { sources } = isBareList(content)
    ? checkArtifact(envelope, { version: "1.0", sources: JSON.parse(content.replace(/^\uFEFF/, "")) }, path)
    : parseArtifact(envelope, content, path);
  if (sources.length > 100_000) {
    const message = `${sources.length} entries are more than the 100000 that a register may have`;
    throw new ArtifactError({ path, kind: sourcesRegister.kind, issues: [{ path: "sources", message }] });
  }
  const entries = sources.map(parseEntry);
  const duplicates = duplicatesIn(sources.map((raw, index) => ({ ...claims(raw), place: `sources[${index}]` })));
  return entries.map((entry, index) => {
    const more = duplicates[index] ?? [];
    if (more.length === 0) return entry;
    const [own, { filename, ...rest }] =
      "problems" in entry ? [entry.problems, entry.stated] : [[], statedIn(sources[index])];
    // A name that others claim too is nobody's.
    const isShared = filename === undefined || more.some((problem) => problem.startsWith("filename: "));
    const stated = isShared ? rest : { ...rest, filename };
    return { id: entry.id, enabled: entry.enabled, problems: [...own, ...more], stated };
  });
}

function isBareList(content: string): boolean {
  try {
    return Array.isArray(JSON.parse(content.replace(/^\uFEFF/, "")));
  } catch {
    return false;
  }
}

function parseEntry(raw: unknown, index: number): RegisterEntry {
  const result = checkFields(source, raw);
  if (result.success) return { id: result.data.id, enabled: result.data.enabled, source: result.data };
  const id = source.shape.id.safeParse(claims(raw).id);
  const problems = result.issues.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
  const place = `sources[${index}]`;
  return { id: id.success ? id.data : place, enabled: claims(raw).enabled, problems, stated: statedIn(raw) };
}

function statedIn(raw: unknown): StatedFields {
  if (typeof raw !== "object" || raw === null) return {};
  const names = ["url", "license", "attribution", "filename", "sha256", "title"] as const;
  const stated: StatedFields = Object.fromEntries(
    names.flatMap((name) => {
      const result = source.shape[name].safeParse((raw as Readonly<Record<string, unknown>>)[name]);
      return result.success && result.data != null ? [[name, result.data]] : [];
    }),
  );
  const { attribution, ...rest } = stated;
  // That nobody is to be named is right only where the licence allows it.
  return attribution === "" && !isPublicDomain(stated.license ?? "") ? rest : stated;
}

/** What an entry of any form says of itself. */
function claims(raw: unknown): { readonly id?: string; readonly filename?: string; readonly enabled: boolean } {
  if (typeof raw !== "object" || raw === null) return { enabled: true };
  const record = raw as Readonly<Record<string, unknown>>;
  return {
    ...(typeof record.id === "string" ? { id: record.id } : {}),
    ...(typeof record.filename === "string" ? { filename: record.filename } : {}),
    enabled: record.enabled !== false,
  };
}
