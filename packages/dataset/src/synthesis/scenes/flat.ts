import { cosineOfTurn, sineOfTurn } from "../arithmetic.ts";
import { drawText, GLYPH_HEIGHT, GLYPH_WIDTH } from "../font.ts";
import { fractalNoise } from "../noise.ts";
import { hsl, mix, words } from "../palette.ts";
import { addOutline, type Brush } from "./brush.ts";

/** A page of text, photographed or scanned: uneven light, paper grain, perhaps a picture. */
export function paintDocument(brush: Brush): void {
  const { canvas, random, long, roughness } = brush;
  const { width, height } = canvas;
  canvas.setAmbience((x, y) => ({
    backdrop: [0, 0, 0],
    light: 22 * fractalNoise((x / long) * 1.5, (y / long) * 1.5, 3, brush.seed + 3) - (12 * y) / height,
    focus: 1,
  }));
  const paper = { texture: "fine" as const, roughness: 2 + roughness * 0.25 };
  canvas.add({ colour: hsl(random.between(35, 55), random.between(0.05, 0.3), 0.88), ...paper });
  const ink = canvas.add({ colour: hsl(random.between(200, 260), 0.15, random.between(0.1, 0.25)), ...paper });
  const scale = Math.max(1, Math.round(width / random.between(300, 460)));
  const margin = width * random.between(0.06, 0.12);
  const columnSigns = Math.floor((width - 2 * margin) / (GLYPH_WIDTH * scale));
  const lineStep = scale * GLYPH_HEIGHT * random.between(1.5, 1.9);
  drawText(canvas, words(Math.floor(columnSigns / 2), random), margin, margin, scale * 2, ink);
  for (let y = margin + lineStep * 2.5; y < height - margin; y += lineStep) {
    const short = random.chance(0.15) ? random.between(0.2, 0.8) : 1;
    drawText(canvas, words(Math.floor(columnSigns * short), random), margin, y, scale, ink);
    if (short < 1 && random.chance(0.5)) y += lineStep;
  }
  if (random.chance(0.6)) paintFigure(brush, margin, height * random.between(0.3, 0.6));
}

function paintFigure(brush: Brush, margin: number, top: number): void {
  const { canvas, random, roughness } = brush;
  const wide = canvas.width - 2 * margin;
  const high = canvas.height * random.between(0.15, 0.28);
  const back = canvas.add({
    colour: hsl(random.between(0, 360), 0.25, 0.6),
    texture: "rough",
    roughness,
    slope: { x: 0, y: 90, around: [0, top + high / 2] },
  });
  canvas.rectangle(margin, top, wide, high, back);
  for (let thing = 0; thing < 14; thing += 1) {
    const radius = high * random.between(0.06, 0.2);
    const label = canvas.add({
      colour: hsl(random.between(0, 360), 0.4, random.between(0.3, 0.7)),
      texture: "rough",
      roughness,
    });
    canvas.ellipse(
      margin + radius + random.uniform() * (wide - 2 * radius),
      top + radius + random.uniform() * (high - 2 * radius),
      radius,
      radius,
      label,
    );
  }
}

/** A window of a program: title bar, side bar, lines of text, buttons, sometimes a chart. */
export function paintScreenshot(brush: Brush): void {
  const { canvas, random } = brush;
  const { width, height } = canvas;
  const dark = random.chance(0.4);
  const hue = random.between(0, 360);
  const level = (light: number) => hsl(hue, 0.08, dark ? 1 - light : light);
  const [page, bar, side, line, text] = [0.98, 0.86, 0.93, 0.8, 0.2].map((light) =>
    canvas.add({ colour: level(light) }),
  ) as [number, number, number, number, number];
  const accent = canvas.add({ colour: hsl((hue + 180) % 360, 0.6, 0.5) });
  const scale = Math.max(1, Math.round(Math.max(width, height) / 900));
  const top = 26 * scale;
  const sideWidth = width * random.between(0.14, 0.28);
  canvas.rectangle(0, 0, width, height, page);
  canvas.rectangle(0, 0, sideWidth, height, side);
  canvas.rectangle(0, 0, width, top, bar);
  for (let dot = 0; dot < 3; dot += 1) canvas.ellipse((14 + dot * 16) * scale, top / 2, 5 * scale, 5 * scale, accent);
  drawText(canvas, words(40, random), 80 * scale, top / 2 - 4 * scale, scale, text);
  for (let y = top + 14 * scale; y < height; y += 20 * scale)
    drawText(canvas, words(sideWidth / (7 * scale), random), 10 * scale, y, scale, text);
  const frameOf = { left: sideWidth + 18 * scale, top: top + 16 * scale, scale };
  if (random.chance(0.6)) paintCode(brush, frameOf, [text, accent, line]);
  else paintCards(brush, frameOf, [text, accent, line]);
  const pointer = canvas.add({ colour: [255, 255, 255] });
  const at = { x: width * (0.4 + 0.4 * brush.phase), y: height * 0.6 };
  canvas.polygon(
    [
      [at.x, at.y],
      [at.x + 10 * scale, at.y + 11 * scale],
      [at.x, at.y + 15 * scale],
    ],
    pointer,
  );
}

interface Frame {
  readonly left: number;
  readonly top: number;
  readonly scale: number;
}

function paintCode(brush: Brush, frame: Frame, [text, accent, line]: readonly [number, number, number]): void {
  const { canvas, random } = brush;
  const { scale } = frame;
  const key = canvas.add({ colour: hsl(random.between(0, 360), 0.5, 0.5) });
  let indent = 0;
  for (let y = frame.top, number = 1; y < canvas.height; y += 13 * scale, number += 1) {
    drawText(canvas, String(number), frame.left, y, scale, line);
    indent = Math.max(0, Math.min(5, indent + random.integer(-1, 1)));
    const left = frame.left + (30 + indent * 18) * scale;
    const head = words(random.integer(3, 9), random);
    drawText(canvas, head, left, y, scale, key);
    if (random.chance(0.85))
      drawText(
        canvas,
        `(${words(random.integer(6, 44), random)})`,
        left + (head.length + 1) * 6 * scale,
        y,
        scale,
        random.chance(0.2) ? accent : text,
      );
  }
}

function paintCards(brush: Brush, frame: Frame, [text, accent, line]: readonly [number, number, number]): void {
  const { canvas, random } = brush;
  const { scale } = frame;
  const wide = 190 * scale;
  const high = 130 * scale;
  for (let y = frame.top; y < canvas.height; y += high + 16 * scale) {
    for (let x = frame.left; x < canvas.width; x += wide + 16 * scale) {
      canvas.rectangle(x, y, wide, high, line);
      const picture = canvas.add({
        colour: hsl(random.between(0, 360), 0.45, 0.6),
        slope: { x: 0, y: (40 * canvas.height) / high, around: [0, y + high / 2] },
      });
      canvas.rectangle(x + scale, y + scale, wide - 2 * scale, high * 0.55, picture);
      drawText(canvas, words(22, random), x + 8 * scale, y + high * 0.64, scale, text);
      canvas.rectangle(x + 8 * scale, y + high * 0.8, 60 * scale, 16 * scale, accent);
    }
  }
}

/** Flat shapes, a soft gradient, a chart and a title. */
export function paintGraphic(brush: Brush): void {
  const { canvas, random, long } = brush;
  const { width, height } = canvas;
  const hue = random.between(0, 360);
  const from = hsl(hue, 0.55, 0.75);
  const to = hsl((hue + 60) % 360, 0.6, 0.5);
  canvas.setAmbience((x, y) => ({ backdrop: mix(from, to, (x + y) / (width + height)), light: 0, focus: 1 }));
  canvas.add({ colour: [0, 0, 0], seeThrough: true });
  const clear = canvas.add({ colour: [255, 255, 255], alpha: 0 });
  if (random.chance(0.7)) canvas.rectangle(0, 0, width, height * random.between(0.05, 0.2), clear);
  for (let shape = random.integer(8, 40); shape > 0; shape -= 1) {
    const colour = hsl(
      (hue + random.pick([0, 30, 180, 210])) % 360,
      random.between(0.4, 0.8),
      random.between(0.35, 0.8),
    );
    const label = canvas.add({ colour, alpha: random.pick([255, 255, 255, 128]) });
    const x = random.between(0, width) + cosineOfTurn(brush.phase + shape / 7) * (brush.phase === 0 ? 0 : long * 0.05);
    const y = random.between(0, height) + sineOfTurn(brush.phase + shape / 7) * (brush.phase === 0 ? 0 : long * 0.05);
    const size = long * random.between(0.02, 0.1);
    const form = random.integer(0, 3);
    if (form <= 1) canvas.ellipse(x, y, size, size, label);
    else if (form === 2) canvas.rectangle(x, y, size * 1.6, size, label);
    else addOutline(brush, { x, y, radius: size, wobble: 0, corners: random.integer(3, 7) }, label);
  }
  paintChart(brush, hue);
  const ink = canvas.add({ colour: hsl(hue, 0.4, 0.15) });
  drawText(canvas, words(24, random), width * 0.06, height * 0.08, Math.max(1, Math.round(long / 260)), ink);
}

function paintChart(brush: Brush, hue: number): void {
  const { canvas, random } = brush;
  const bars = random.integer(5, 14);
  const wide = (canvas.width * 0.8) / bars;
  for (let bar = 0; bar < bars; bar += 1) {
    const high = canvas.height * random.between(0.05, 0.4);
    const label = canvas.add({ colour: hsl((hue + 200) % 360, 0.6, 0.35 + (0.3 * bar) / bars) });
    canvas.rectangle(canvas.width * 0.1 + bar * wide, canvas.height * 0.92 - high, wide * 0.7, high, label);
  }
}

/** A thing cut out of its background: textured, with a soft outline on full transparency. */
export function paintCutOut(brush: Brush): void {
  const { canvas, random, roughness, long } = brush;
  const { width, height } = canvas;
  canvas.setAmbience((x, y) => ({
    backdrop: [0, 0, 0],
    light: 40 * fractalNoise((x / long) * 3, (y / long) * 3, 4, brush.seed + 3),
    focus: 1,
  }));
  canvas.add({ colour: [255, 255, 255], alpha: 0 });
  const size = Math.min(width, height) * 0.42;
  const hue = random.between(0, 360);
  const shadow = canvas.add({ colour: [20, 20, 24], alpha: 70 });
  canvas.ellipse(width / 2, height / 2 + size * 0.95, size * 0.9, size * 0.16, shadow);
  for (let part = random.integer(3, 9); part > 0; part -= 1) {
    const radius = size * random.between(0.25, 0.7);
    const x = width / 2 + random.between(-0.6, 0.6) * size * (width / Math.min(width, height));
    const y = height / 2 + random.between(-0.5, 0.3) * size;
    const label = canvas.add({
      colour: hsl((hue + random.between(-40, 40) + 360) % 360, random.between(0.2, 0.7), random.between(0.3, 0.65)),
      texture: random.pick(["rough", "fine", "leaves"]),
      roughness,
      slope: { x: (-40 * width) / radius, y: (-50 * height) / radius, around: [x, y] },
    });
    addOutline(brush, { x, y, radius, wobble: 0.1, corners: random.integer(6, 40) }, label);
  }
}
