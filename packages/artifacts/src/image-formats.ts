/** The formats of source images, by their usual file name extension. */
export const imageFormats = ["jpg", "png", "gif", "tiff"] as const;

export type ImageFormat = (typeof imageFormats)[number];
