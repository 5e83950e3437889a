import { DEFAULTS } from "./options.ts";

/** The text of `--help`. */
export const HELP = `imageforge INPUT_DIR --out-dir OUT [FLAGS]

Makes WebP and AVIF from the images of a folder (jpg, jpeg, png, gif, tif, tiff, webp; subfolders too), and repeats
only changed ones. The content decides, not the extension; of an animation the first frame is taken.

Outputs:
  --out-dir DIR          where they go, subfolders kept: a/b.jpg becomes a/b.webp (required)
  --output FILE          the manifest (OUT/${DEFAULTS.manifestName})
  --formats LIST         webp, avif or both (${DEFAULTS.formats})
  --quality N            1 to 100 (${DEFAULTS.quality})
  --widths LIST          one file per width instead, as b-320w.webp; larger widths than the image's are left out, and if
                         all are, b.webp is made once in the image's own width
  --blur, --no-blur      a tiny placeholder image in the manifest, as a data URL (blur)
  --force-overwrite      overwrite files in OUT that imageforge did not make

Inputs:
  --include GLOB         only these (repeatable); without a slash it is matched against the name, else the path
  --exclude GLOB         not these (repeatable)
  --max-pixels N         refuse larger images (${DEFAULTS.maxPixels})
  Names that start with a dot are left out, and so is OUT where it lies inside INPUT_DIR.

Running:
  --concurrency N        images in flight (the number of processors; above 4 set UV_THREADPOOL_SIZE too)
  --cache, --no-cache    whether OUT/.imageforge-cache is used (cache)
  --check                write nothing; exit 2 if something is not up to date
  --dry-run              write nothing; print the planned work
  --json                 one JSON report on stdout
  --quiet, --verbose     errors only; a line an image (on stderr)
  --version, --help

Exit codes:
  0    done, or up to date
  1    some images failed; the others are done
  2    --check: something is not up to date
  64   a flag or INPUT_DIR is wrong
  65   no images, or two that would be written to one file
  70   a bug of imageforge, or sharp cannot be loaded
  73   OUT, the manifest or the report cannot be written
  130, 143   ended by SIGINT, SIGTERM; no file is left incomplete

Example:
  imageforge photos --out-dir public/img --formats webp,avif --widths 320,640,1280 --output img.json
`;
