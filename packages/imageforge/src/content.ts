/** What the first bytes say that a file is; undefined when it is none of the formats that are taken. */
export function sniffFormat(bytes: Uint8Array): "jpeg" | "png" | "gif" | "webp" | "tiff" | undefined {
  const head = Buffer.from(bytes.subarray(0, 12)).toString("latin1");
  if (head.startsWith("\xff\xd8\xff")) return "jpeg";
  if (head.startsWith("\x89PNG\r\n\x1a\n")) return "png";
  if (/^GIF8[79]a/.test(head)) return "gif";
  if (head.startsWith("RIFF") && head.slice(8) === "WEBP") return "webp";
  // TIFF and BigTIFF, in either byte order.
  if (["II*\0", "MM\0*", "II+\0", "MM\0+"].includes(head.slice(0, 4))) return "tiff";
  return undefined;
}
