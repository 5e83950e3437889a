import { distanceOf, power, sineOfTurn } from "../arithmetic.ts";
import type { Colour } from "../canvas.ts";
import { fractalNoise, smoothStep } from "../noise.ts";
import { hsl, mix, near } from "../palette.ts";
import { addOutline, type Brush, focusEverywhere, roomFor } from "./brush.ts";

/** Things of all sizes over one another (dead leaves: the statistics of natural pictures), on a table before a wall. */
export function paintObjects(brush: Brush): void {
  const { canvas, random, roughness } = brush;
  const { width, height } = canvas;
  const wall = hsl(random.between(0, 360), random.between(0.05, 0.3), random.between(0.35, 0.75));
  focusEverywhere(brush, wall, 26, 0.9);
  canvas.add({ colour: [0, 0, 0], seeThrough: true, texture: "rough", roughness: roughness * 0.25 });
  const edge = height * random.between(0.35, 0.6);
  const table = canvas.add({
    colour: hsl(random.between(18, 42), random.between(0.2, 0.5), random.between(0.25, 0.55)),
    texture: "level",
    roughness: roughness * 0.6,
    slope: { x: 20, y: 30, around: [width / 2, height] },
  });
  canvas.rectangle(0, edge, width, height, table);
  const things = random.integer(18, 90);
  const hue = random.between(0, 360);
  for (let thing = 0; thing < things; thing += 1) {
    const front = thing / things;
    const radius = brush.long * 0.02 * (1 + 5 * power(random.uniform(), 3));
    const x = random.between(0, width) + sineOfTurn(brush.phase + front) * (brush.phase === 0 ? 0 : radius * 0.4);
    const y = edge + (height - edge) * (front * 1.05 + random.between(-0.1, 0.1));
    paintThing(brush, x, y, radius, hue + random.between(-90, 90), roughness * random.between(0.15, 1.1));
  }
}

function paintThing(brush: Brush, x: number, y: number, radius: number, hue: number, roughness: number): void {
  const { canvas, random } = brush;
  const colour = hsl((hue + 720) % 360, random.between(0.15, 0.75), random.between(0.25, 0.65));
  const shade = {
    x: (-46 * canvas.width) / radius / 2,
    y: (-60 * canvas.height) / radius / 2,
    around: [x, y] as const,
  };
  const shadow = canvas.add({ colour: mix(colour, [25, 20, 18], 0.8), texture: "rough", roughness: roughness * 0.4 });
  canvas.ellipse(x + radius * 0.25, y + radius * 0.85, radius * 1.05, radius * 0.3, shadow);
  const label = canvas.add({
    colour,
    texture: random.pick(["rough", "fine", "upright", "leaves"]),
    roughness,
    slope: shade,
  });
  const form = random.integer(0, 3);
  if (form <= 1) canvas.ellipse(x, y, radius, radius * random.between(0.8, 1.1), label);
  else if (form === 2) canvas.rectangle(x - radius * 0.7, y - radius, radius * 1.4, radius * 1.9, label);
  else addOutline(brush, { x, y, radius, wobble: 0.12, corners: 24 }, label);
  const shine = canvas.add({ colour: mix(colour, [255, 255, 250], 0.75) });
  if (random.chance(0.6)) canvas.ellipse(x - radius * 0.35, y - radius * 0.4, radius * 0.16, radius * 0.1, shine);
}

/** A subject in focus before a blurred background. */
export function paintPortrait(brush: Brush): void {
  const { canvas, random, long } = brush;
  const { width, height } = canvas;
  const backdrop = blurredLights(brush);
  canvas.setAmbience((x, y) => ({
    backdrop: backdrop(x, y),
    light: 30 * fractalNoise((x / long) * 3, (y / long) * 3, 4, brush.seed + 3),
    focus: smoothStep(0.75, 0.1, distanceOf(x / width - 0.5, y / height - 0.55)),
  }));
  canvas.add({ colour: [0, 0, 0], seeThrough: true });
  const x = width * random.between(0.35, 0.65);
  const size = Math.min(width, height) * random.between(0.2, 0.3);
  const cloth = hsl(random.between(0, 360), random.between(0.15, 0.6), random.between(0.2, 0.5));
  const skin = hsl(random.between(16, 32), random.between(0.3, 0.5), random.between(0.3, 0.72));
  const hair = hsl(random.between(15, 40), random.between(0.2, 0.5), random.between(0.08, 0.4));
  const head = height * random.between(0.36, 0.45);
  paintBust(brush, { x, head, size, cloth, skin, hair });
}

interface Person {
  readonly x: number;
  /** Height of the eyes. */
  readonly head: number;
  /** Half the width of the head. */
  readonly size: number;
  readonly cloth: Colour;
  readonly skin: Colour;
  readonly hair: Colour;
}

function paintBust(brush: Brush, { x, head, size, cloth, skin, hair }: Person): void {
  const { canvas, roughness } = brush;
  const { width, height } = canvas;
  const body = canvas.add({
    colour: cloth,
    texture: "fine",
    roughness: roughness * 1.1,
    slope: { x: -60, y: -30, around: [x, height * 0.8] },
  });
  addOutline(brush, { x, y: head + size * 2.5, radius: size * 1.6, wobble: 0.05, corners: 26 }, body);
  const mane = canvas.add({
    colour: hair,
    texture: "upright",
    roughness: roughness * 1.8,
    slope: { x: -40, y: -40, around: [x, head] },
  });
  addOutline(brush, { x, y: head - size * 0.1, radius: size * 1.02, wobble: 0.07, corners: 30, tallness: 1.25 }, mane);
  const face = canvas.add({
    colour: skin,
    texture: "rough",
    roughness: roughness * 0.45,
    tint: [1, 0.9, 0.8],
    slope: { x: (-26 * width) / size, y: (-14 * height) / size, around: [x, head] },
  });
  canvas.rectangle(x - size * 0.35, head + size * 0.7, size * 0.7, size * 0.6, face);
  canvas.ellipse(x, head + size * 0.12, size * 0.72, size * 0.95, face);
  paintFace(brush, x, head, size, skin, hair);
}

function paintFace(brush: Brush, x: number, y: number, size: number, skin: Colour, hair: Colour): void {
  const { canvas } = brush;
  const white = canvas.add({ colour: [232, 228, 222] });
  const iris = canvas.add({ colour: hsl(brush.random.between(20, 230), 0.35, 0.25) });
  const brow = canvas.add({ colour: hair, texture: "level", roughness: brush.roughness });
  const shade = canvas.add({ colour: mix(skin, [60, 20, 15], 0.35) });
  const lips = canvas.add({ colour: mix(skin, [160, 40, 50], 0.55), texture: "fine", roughness: 4 });
  for (const side of [-1, 1]) {
    const eye = x + side * size * 0.3;
    canvas.ellipse(eye, y, size * 0.13, size * 0.07, white);
    canvas.ellipse(eye, y, size * 0.06, size * 0.065, iris);
    canvas.rectangle(eye - size * 0.16, y - size * 0.2, size * 0.32, size * 0.05, brow);
  }
  canvas.ellipse(x + size * 0.03, y + size * 0.38, size * 0.11, size * 0.05, shade);
  canvas.ellipse(x, y + size * 0.62, size * 0.22, size * 0.07, lips);
}

/** A background far out of focus: a colour wash with soft discs of light. */
function blurredLights(brush: Brush): (x: number, y: number) => Colour {
  const { random, long, seed } = brush;
  const hue = random.between(0, 360);
  const dark = hsl(hue, random.between(0.1, 0.45), random.between(0.12, 0.3));
  const pale = hsl((hue + random.between(-60, 60) + 360) % 360, random.between(0.15, 0.5), random.between(0.5, 0.7));
  const discs = Array.from({ length: random.integer(6, 26) }, () => ({
    x: random.between(0, long),
    y: random.between(0, long),
    radius: long * random.between(0.02, 0.09),
    colour: near(pale, 60, random),
    strength: random.between(0.15, 0.6),
  }));
  return (x, y) => {
    let colour = mix(dark, pale, smoothStep(-0.6, 0.7, fractalNoise((x / long) * 2, (y / long) * 2, 3, seed + 17)));
    for (const disc of discs) {
      const distance = distanceOf(x - disc.x, y - disc.y) / disc.radius;
      if (distance < 1.1) colour = mix(colour, disc.colour, disc.strength * smoothStep(1.1, 0.85, distance));
    }
    return colour;
  };
}

/** A surface from near: stones, bricks or cloth. */
export function paintTexture(brush: Brush): void {
  const { canvas, random, roughness } = brush;
  const base = hsl(random.between(10, 60), random.between(0.08, 0.4), random.between(0.25, 0.6));
  focusEverywhere(brush, mix(base, [20, 18, 16], 0.6), 40);
  canvas.add({ colour: [0, 0, 0], seeThrough: true, texture: "fine", roughness });
  if (random.chance(0.35)) paintBricks(brush, base);
  else paintStones(brush, base);
}

function paintStones(brush: Brush, base: Colour): void {
  const { canvas, random, roughness, long } = brush;
  const cloth = random.chance(0.3);
  const count = cloth ? 30 : Math.round(random.between(400, 1500) * roomFor(brush));
  for (let stone = 0; stone < count; stone += 1) {
    const radius =
      ((long * (cloth ? 0.16 : 0.012)) / Math.sqrt(roomFor(brush))) * (0.5 + 2 * power(random.uniform(), 3));
    const x = random.between(0, canvas.width);
    const y = random.between(0, canvas.height);
    const label = canvas.add({
      colour: near(base, cloth ? 10 : 46, random),
      texture: cloth ? "upright" : "rough",
      roughness,
      slope: { x: (-16 * canvas.width) / radius, y: (-22 * canvas.height) / radius, around: [x, y] },
    });
    addOutline(brush, { x, y, radius, wobble: 0.22, corners: 13 }, label);
  }
}

function paintBricks(brush: Brush, base: Colour): void {
  const { canvas, random, roughness, long } = brush;
  const high = long * random.between(0.02, 0.045);
  const wide = high * random.between(2.2, 3.2);
  for (let y = 0, course = 0; y < canvas.height; y += high, course += 1) {
    for (let x = (course % 2) * -0.5 * wide; x < canvas.width; x += wide) {
      const label = canvas.add({ colour: near(base, 24, random), texture: "rough", roughness });
      canvas.rectangle(
        x + high * 0.07,
        y + high * 0.07,
        wide - high * random.between(0.1, 0.2),
        high * random.between(0.82, 0.9),
        label,
      );
    }
  }
}
