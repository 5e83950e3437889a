import { distanceOf, power } from "../arithmetic.ts";
import type { Colour } from "../canvas.ts";
import { fractalNoise, smoothStep } from "../noise.ts";
import { hsl, mix, near } from "../palette.ts";
import { type Brush, skyAt, skyOf } from "./brush.ts";

/** Houses with rows of windows, the nearer ones lower and darker, and a street. */
export function paintCity(brush: Brush): void {
  const { canvas, random, roughness, long } = brush;
  const { width, height } = canvas;
  const sky = skyOf(random);
  canvas.setAmbience((x, y) => ({
    backdrop: skyAt(sky, x / long, (y / height) * 1.6),
    light: 26 * fractalNoise((x / long) * 2, (y / long) * 2, 4, brush.seed + 3),
    focus: 0.6 + 0.4 * smoothStep(0, height, y),
  }));
  canvas.add({ colour: [0, 0, 0], seeThrough: true });
  for (const depth of [0, 0.5, 1]) {
    for (let x = -width * 0.05; x < width; ) {
      const wide = long * random.between(0.05, 0.14) * (0.7 + depth * 0.6);
      const top = height * (random.between(0.12, 0.5) + depth * 0.18);
      const wall = mix(
        sky.low,
        hsl(random.between(8, 50), random.between(0.05, 0.4), random.between(0.25, 0.7)),
        0.4 + depth * 0.6,
      );
      paintHouse(brush, { x, top, wide, wall, rough: roughness * (0.4 + depth * 0.6) });
      x += wide * random.between(0.95, 1.3);
    }
  }
  const street = canvas.add({
    colour: near([92, 92, 96], 16, random),
    texture: "fine",
    roughness: roughness * 0.8,
    slope: { x: 0, y: 60, around: [0, height] },
  });
  canvas.rectangle(0, height * random.between(0.82, 0.92), width, height, street);
}

interface House {
  readonly x: number;
  readonly top: number;
  readonly wide: number;
  readonly wall: Colour;
  readonly rough: number;
}

function paintHouse(brush: Brush, { x, top, wide, wall, rough }: House): void {
  const { canvas, random, long } = brush;
  const front = canvas.add({
    colour: wall,
    texture: random.pick(["rough", "fine", "level"]),
    roughness: rough,
    slope: { x: random.between(-90, 90), y: 20, around: [x + wide / 2, top] },
  });
  canvas.rectangle(x, top, wide, canvas.height, front);
  const glass = [0.15, 0.35, 0.6].map((part) =>
    canvas.add({
      colour: mix(mix(wall, [30, 38, 52], 0.8), [190, 205, 225], part * random.uniform()),
      texture: "rough",
      roughness: rough * 0.7,
    }),
  );
  const gapX = Math.max(6, long * random.between(0.012, 0.024));
  const gapY = gapX * random.between(1.2, 1.8);
  const pane = random.between(0.45, 0.7);
  for (let y = top + gapY * 0.5; y < canvas.height * 0.92; y += gapY) {
    for (let left = x + gapX * 0.3; left + gapX * pane < x + wide; left += gapX) {
      canvas.rectangle(left, y, gapX * pane, gapY * pane, random.pick(glass));
    }
  }
}

/** A town at night: lit windows, lamps out of focus, wet street; grainy, as high sensitivities are. */
export function paintNight(brush: Brush): void {
  const { canvas, random, roughness, long } = brush;
  const { width, height } = canvas;
  const lamps = Array.from({ length: random.integer(5, 22) }, () => ({
    x: random.between(0, width),
    y: height * random.between(0.3, 0.95),
    radius: long * random.between(0.03, 0.16),
    colour: hsl(random.pick([28, 36, 44, 210, 350]), 0.8, 0.6),
  }));
  canvas.setAmbience((x, y) => {
    let backdrop = mix([10, 12, 26], [44, 34, 48], y / height);
    for (const lamp of lamps) {
      const distance = distanceOf(x - lamp.x, y - lamp.y) / lamp.radius;
      if (distance < 3) backdrop = mix(backdrop, lamp.colour, 0.75 * power(1 - smoothStep(0, 3, distance), 3));
    }
    return { backdrop, light: 10 * fractalNoise((x / long) * 3, (y / long) * 3, 3, brush.seed + 3), focus: 1 };
  });
  canvas.add({ colour: [0, 0, 0], seeThrough: true });
  for (let x = 0; x < width; ) {
    const wide = long * random.between(0.06, 0.16);
    const top = height * random.between(0.25, 0.65);
    const front = canvas.add({
      colour: near([-18, -18, -14], 6, random),
      seeThrough: true,
      texture: "rough",
      roughness: roughness * 0.5,
    });
    canvas.rectangle(x, top, wide, height * 0.85 - top, front);
    paintLitWindows(brush, x, top, wide);
    x += wide * random.between(1, 1.4);
  }
  const street = canvas.add({ colour: [8, 8, 10], seeThrough: true, texture: "level", roughness: roughness * 0.9 });
  canvas.rectangle(0, height * 0.85, width, height, street);
  const bulb = canvas.add({ colour: [255, 244, 220] });
  for (const lamp of lamps)
    canvas.ellipse(lamp.x + brush.phase * 12, lamp.y, lamp.radius * 0.12, lamp.radius * 0.12, bulb);
}

function paintLitWindows(brush: Brush, x: number, top: number, wide: number): void {
  const { canvas, random, long } = brush;
  const gap = Math.max(6, long * random.between(0.014, 0.024));
  const lit = [hsl(40, 0.7, 0.62), hsl(34, 0.6, 0.4), hsl(210, 0.2, 0.5)].map((colour) =>
    canvas.add({ colour, texture: "rough", roughness: 8 }),
  );
  for (let y = top + gap; y < canvas.height * 0.82; y += gap * 1.5) {
    for (let left = x + gap * 0.4; left + gap * 0.6 < x + wide; left += gap) {
      if (random.chance(0.4)) canvas.rectangle(left, y, gap * 0.55, gap * 0.8, random.pick(lit));
    }
  }
}
