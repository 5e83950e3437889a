export {
  type EncoderVersions,
  encodeImage,
  encoderVersions,
  JPEG_QUALITY,
  settleEncoders,
} from "./synthesis/encode.ts";
export { type Content, contents, type ImagePlan, planSynthesis, type SizeClass } from "./synthesis/plan.ts";
export {
  describeImage,
  FIXED_DATE,
  isLeftover,
  isPoolName,
  type PoolFacts,
  type PoolFile,
  type PoolWork,
  parseKnown,
  planWork,
  poolManifest,
  SYNTHESIS_VERSION,
} from "./synthesis/pool.ts";
export { type Production, produceImages } from "./synthesis/produce.ts";
export { type Raster, Renderer } from "./synthesis/render.ts";
export { Timings } from "./synthesis/timings.ts";
