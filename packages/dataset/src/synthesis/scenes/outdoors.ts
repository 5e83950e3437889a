import { power } from "../arithmetic.ts";
import type { Colour } from "../canvas.ts";
import { smoothStep } from "../noise.ts";
import { hsl, mix, near } from "../palette.ts";
import { addOutline, type Brush, focusEverywhere, groundLight, ridge, roomFor, skyAt, skyOf } from "./brush.ts";

/** Mountains or hills behind one another, paler with distance, below a sky with clouds. */
export function paintLandscape(brush: Brush): void {
  const { canvas, random, roughness } = brush;
  const { height, width } = canvas;
  const horizon = height * random.between(0.3, 0.55);
  const sky = skyOf(random);
  const light = groundLight(brush, horizon, 22, 0.33, 0.25);
  canvas.setAmbience((x, y) => ({
    backdrop: skyAt(sky, x / brush.long, y / horizon),
    light: light(x, y),
    focus: 0.55 + 0.45 * smoothStep(horizon, height, y),
  }));
  canvas.add({ colour: [0, 0, 0], seeThrough: true });
  const layers = random.integer(3, 6);
  const ground = hsl(random.between(60, 140), random.between(0.2, 0.5), random.between(0.2, 0.34));
  for (let layer = 0; layer < layers; layer += 1) {
    const nearness = (layer + 1) / layers;
    const base = horizon + (height - horizon) * nearness * Math.sqrt(nearness) * 0.75 - height * 0.08 * (1 - nearness);
    const colour = mix(mix(sky.low, ground, 0.35), ground, nearness);
    const label = canvas.add({
      colour,
      texture: layer === layers - 1 ? random.pick(["leaves", "upright"]) : "rough",
      roughness: roughness * (0.35 + 0.65 * nearness),
      tint: [0.95, 1, 0.7],
      slope: { x: random.between(-12, 12), y: random.between(10, 40), around: [width / 2, base] },
    });
    canvas.below(
      ridge(canvas, base, height * random.between(0.05, 0.16) * (1.3 - nearness), brush.seed + layer * 77),
      label,
    );
    if (layer > 0 && random.chance(0.7)) paintTrees(brush, base, nearness, colour);
  }
}

/** A row of firs or crowns along a height. */
function paintTrees(brush: Brush, base: number, nearness: number, ground: Colour): void {
  const { canvas, random, roughness } = brush;
  const size = brush.long * 0.05 * (0.3 + nearness);
  const count = Math.round(random.between(6, 40) * roomFor(brush));
  const fir = random.chance(0.5);
  for (let tree = 0; tree < count; tree += 1) {
    const x = random.between(0, canvas.width);
    const y = base + random.between(-0.2, 1.2) * size;
    const tall = size * random.between(0.6, 1.4);
    const label = canvas.add({
      colour: near(mix(ground, [20, 40, 18], 0.55), 14, random),
      texture: "leaves",
      roughness: roughness * 1.15,
      tint: [0.8, 1, 0.6],
      slope: { x: 0, y: (-30 * canvas.height) / tall, around: [x, y - tall / 2] },
    });
    if (fir)
      canvas.polygon(
        [
          [x, y - tall],
          [x + tall * 0.22, y],
          [x - tall * 0.22, y],
        ],
        label,
      );
    else addOutline(brush, { x, y: y - tall * 0.5, radius: tall * 0.45, wobble: 0.25, corners: 18 }, label);
  }
}

/** A wood seen from inside: leaves over leaves, darker behind. */
export function paintFoliage(brush: Brush): void {
  const { canvas, random, roughness } = brush;
  const hue = random.between(55, 130);
  focusEverywhere(brush, hsl(hue, 0.4, 0.16), 34);
  canvas.add({ colour: [0, 0, 0], seeThrough: true, texture: "leaves", roughness, tint: [0.8, 1, 0.5] });
  for (let trunk = random.integer(0, 5); trunk > 0; trunk -= 1) {
    const x = random.between(0, canvas.width);
    const thick = brush.long * random.between(0.01, 0.05);
    const lean = random.between(-0.1, 0.1) * canvas.height;
    const colour = hsl(random.between(20, 40), 0.25, random.between(0.15, 0.35));
    const label = canvas.add({ colour, texture: "upright", roughness: roughness * 1.2 });
    canvas.polygon(
      [
        [x, 0],
        [x + thick * 0.7, 0],
        [x + thick + lean, canvas.height],
        [x + lean, canvas.height],
      ],
      label,
    );
  }
  const leaves = Math.round(random.between(500, 1400) * roomFor(brush));
  for (let leaf = 0; leaf < leaves; leaf += 1) {
    const front = leaf / leaves;
    const radius =
      (brush.long * 0.006 * (0.5 + front) * (1 + 3 * power(random.uniform(), 4))) / Math.sqrt(roomFor(brush));
    const label = canvas.add({
      colour: near(hsl(hue + random.between(-22, 22), random.between(0.3, 0.6), 0.16 + 0.3 * front), 18, random),
      texture: random.pick(["leaves", "rough"]),
      roughness: roughness * 0.8,
      tint: [0.8, 1, 0.4],
    });
    const at = { x: random.between(0, canvas.width), y: random.between(0, canvas.height) };
    addOutline(brush, { ...at, radius, wobble: 0.45, corners: 9 }, label);
  }
}

/** Sea or lake below a sky, with a shore in front. */
export function paintWater(brush: Brush): void {
  const { canvas, random, roughness } = brush;
  const { height, width } = canvas;
  const horizon = height * random.between(0.3, 0.5);
  const sky = skyOf(random);
  const sea = mix(hsl(random.between(180, 220), random.between(0.25, 0.5), 0.3), sky.low, 0.25);
  const light = groundLight(brush, horizon, 40, 0.33, 0.04);
  canvas.setAmbience((x, y) => ({
    backdrop: skyAt(sky, x / brush.long, y / horizon),
    light: light(x, y),
    focus: 0.2 + 0.8 * smoothStep(horizon, height, y),
  }));
  canvas.add({ colour: [0, 0, 0], seeThrough: true });
  const water = canvas.add({
    colour: sea,
    texture: "level",
    roughness: roughness * 1.3,
    tint: [0.9, 1, 1.05],
    slope: { x: 0, y: -50, around: [0, horizon] },
  });
  canvas.rectangle(0, horizon, width, height, water);
  const farShore = canvas.add({
    colour: mix(sky.low, [60, 80, 90], 0.6),
    texture: "rough",
    roughness: roughness * 0.5,
  });
  const line = ridge(canvas, horizon - height * 0.01, height * 0.05, brush.seed + 31);
  for (let x = 0; x < width; x += 1)
    canvas.rectangle(x, line[x] ?? horizon, 1, Math.max(0, horizon - (line[x] ?? horizon)), farShore);
  const shore = canvas.add({
    colour: hsl(random.between(28, 48), random.between(0.15, 0.35), random.between(0.4, 0.65)),
    texture: "fine",
    roughness: roughness * 0.8,
    slope: { x: 0, y: 60, around: [0, height] },
  });
  canvas.below(ridge(canvas, height * random.between(0.75, 0.9), height * 0.1, brush.seed + 91), shore);
  paintStones(brush, height * 0.8);
}

function paintStones(brush: Brush, from: number): void {
  const { canvas, random, roughness } = brush;
  for (let stone = random.integer(0, 60); stone > 0; stone -= 1) {
    const y = random.between(from, canvas.height);
    const x = random.between(0, canvas.width);
    const radius = brush.long * 0.02 * random.between(0.2, 1) * (y / canvas.height);
    const label = canvas.add({
      colour: near([112, 106, 98], 40, random),
      texture: "rough",
      roughness,
      slope: { x: (-30 * canvas.width) / radius, y: (-40 * canvas.height) / radius, around: [x, y] },
    });
    addOutline(brush, { x, y, radius, wobble: 0.2, corners: 14 }, label);
  }
}
