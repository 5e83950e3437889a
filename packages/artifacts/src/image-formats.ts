import * as z from "zod";
import { fields } from "./artifact-kind.ts";

/** The formats of source images, by their usual file name extension. */
export const imageFormats = ["jpg", "png", "gif", "tiff"] as const;

/** One of {@link imageFormats}. */
export type ImageFormat = (typeof imageFormats)[number];

/** How many images there are of each format; a format that is added later is kept like any unknown field. */
export const formatBreakdown = z.looseObject({
  jpg: fields.count,
  png: fields.count,
  gif: fields.count,
  tiff: fields.count,
} satisfies Record<ImageFormat, z.ZodType<number>>);
