import type { ImageFormat } from "@forgebench/artifacts";

/** How many bytes {@link sniffFormat} looks at. */
export const SNIFF_BYTES = 16;

type Sniffed = ImageFormat | { readonly other: string };

/** A format, the place of its mark in the file, and the marks, one byte a character. */
const SIGNATURES: readonly (readonly [found: Sniffed, at: number, marks: readonly string[]])[] = [
  ["jpg", 0, ["\xff\xd8\xff"]],
  ["png", 0, ["\x89PNG\r\n\x1a\n"]],
  ["gif", 0, ["GIF87a", "GIF89a"]],
  // TIFF and BigTIFF, in either byte order.
  ["tiff", 0, ["II*\0", "MM\0*", "II+\0", "MM\0+"]],
  [{ other: "WebP" }, 8, ["WEBP"]],
  [{ other: "AVIF" }, 4, ["ftypavif", "ftypavis"]],
  [{ other: "HEIF" }, 4, ["ftyphei", "ftyphev", "ftypmif1", "ftypmsf1"]],
  [{ other: "JPEG XL" }, 0, ["\xff\x0a", "\0\0\0\x0cJXL "]],
  [{ other: "BMP" }, 0, ["BM"]],
  [{ other: "PDF" }, 0, ["%PDF"]],
  [{ other: "SVG or another text" }, 0, ["<svg", "<?xml", "<!DO", "<!do", "<htm"]],
];

/** What the first bytes of a file say that it is: a format of tiers, another known one, or undefined. */
export function sniffFormat(head: Uint8Array): Sniffed | undefined {
  const text = Buffer.from(head.subarray(0, SNIFF_BYTES)).toString("latin1");
  return SIGNATURES.find(([, at, marks]) => marks.some((mark) => text.startsWith(mark, at)))?.[0];
}

/** What the extension of a file's name promises: an image of a format of tiers, perhaps one, or something else. */
export function promiseOf(fileName: string): "image" | "perhaps" | "other" {
  const extension = /[^.]\.([^.]*)$/.exec(fileName)?.[1]?.toLowerCase() ?? "";
  if (/^(jpe?g|jpe|jfif|png|gif|tiff?)$/.test(extension)) return "image";
  return /^(|webp|avif|heic|heif|bmp|jxl)$/.test(extension) ? "perhaps" : "other";
}

/** Whether the extension names another format than the content has. */
export function isMisnamed(fileName: string, format: ImageFormat): boolean {
  const pattern = { jpg: /\.(jpe?g|jpe|jfif)$/i, png: /\.png$/i, gif: /\.gif$/i, tiff: /\.tiff?$/i }[format];
  return !pattern.test(fileName);
}
