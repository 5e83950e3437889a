import { slippedName } from "@forgebench/errors";
import type * as z from "zod";

/** A key that the schema of an object does not know, and the one that is meant. */
export interface NearKey {
  /** Of the object. */
  readonly path: readonly PropertyKey[];
  readonly key: string;
  readonly meant: string;
}

/** The misspelled keys of a document, at any depth. Keys that are near none are somebody else's. */
export function findNearKeys(schema: z.core.$ZodType, value: unknown, path: readonly PropertyKey[] = []): NearKey[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case "object":
      return isRecord(value) ? nearKeysOfObject(def, value, path) : [];
    case "record":
      return isRecord(value)
        ? Object.entries(value).flatMap(([key, inner]) => findNearKeys(def.valueType, inner, [...path, key]))
        : [];
    case "array":
      return Array.isArray(value)
        ? value.flatMap((inner, index) => findNearKeys(def.element, inner, [...path, index]))
        : [];
    case "union":
      return findNearKeys(fittingOption(def.options, value), value, path);
    case "optional":
    case "nullable":
    case "default":
    case "prefault":
    case "readonly":
      return findNearKeys(def.innerType, value, path);
    case "pipe":
      return findNearKeys(def.in, value, path);
    default:
      return [];
  }
}

function nearKeysOfObject(
  { shape, catchall }: z.core.$ZodObjectDef,
  value: Readonly<Record<string, unknown>>,
  path: readonly PropertyKey[],
): NearKey[] {
  const known = Object.keys(shape);
  // A catchall of its own gives every key a meaning.
  const hasOwnKeys = catchall !== undefined && !["unknown", "never"].includes(catchall._zod.def.type);
  return Object.entries(value).flatMap(([key, inner]) => {
    const own = Object.hasOwn(shape, key) ? shape[key] : undefined;
    if (own !== undefined) return findNearKeys(own, inner, [...path, key]);
    const meant = hasOwnKeys ? undefined : slippedName(key, known);
    return meant === undefined ? [] : [{ path, key, meant }];
  });
}

/** Of the forms that a value may have the one with the most of its keys, misspelled ones too. */
function fittingOption(options: readonly z.core.$ZodType[], value: unknown): z.core.$ZodType {
  const keys = isRecord(value) ? Object.keys(value) : [];
  const fit = (option: z.core.$ZodType) => {
    const { def } = (option as z.core.$ZodTypes)._zod;
    if (def.type !== "object") return -1;
    const known = Object.keys(def.shape);
    return keys.filter((key) => known.includes(key) || slippedName(key, known) !== undefined).length;
  };
  return options.toSorted((a, b) => fit(b) - fit(a))[0] as z.core.$ZodType;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
