import { joinBlocks } from "./blocks.ts";
import { formatCount, NO_FIGURE } from "./format-figures.ts";
import { markdownMarkup as markup } from "./markup.ts";
import { type Figure, Goals, goalOf, nameOf, planted, share, table } from "./power-goals.ts";
import { qualityTable } from "./power-quality.ts";
import { type PowerRecording, RIVAL_NAMES, RIVALS, type Rival } from "./power-recording.ts";

/** The gating cells of the whole suite: a false alarm of one cell is multiplied by this number. */
const MATRIX_CELLS = 24;

/**
 * The power of the verdicts on recorded noise, as compact Markdown tables: a table for each recording, false nights by kind of
 * noise and by rule, then intervals, detectable changes and controls. `figures` are those of the same measurement: the
 * goals are taken from them, by name.
 */
export function formatPowerMarkdown(recordings: readonly PowerRecording[], figures: readonly Figure[] = []): string {
  if (recordings.length === 0) return "No recording was replayed.\n";
  const asked = new Goals(figures);
  return joinBlocks([
    ...recordings.map((recording) => slowdownTable(recording, asked)),
    falseNightTable(recordings, asked),
    ruleTable(recordings),
    qualityTable(recordings, asked),
  ]);
}

function slowdownTable({ recording, simulationCount, slowdowns }: PowerRecording, asked: Goals): string[] {
  const { name, sampleCount } = recording;
  const rows = slowdowns.map((one) => {
    const { slowdownPct, regressed, same, undecided, meanBlocks, rivals } = one;
    const figures = `${name}: ${planted(slowdownPct)}`;
    const answer = slowdownPct === 0 ? "same" : "regressed";
    const [ofAnswer, ofBlocks] = [`${figures}: ${answer}`, `${figures}: blocks until decided, mean`];
    const sign = (verdict: string) => (verdict === answer ? asked.signOf(ofAnswer) : "");
    return [
      planted(slowdownPct),
      share(regressed) + sign("regressed"),
      share(same) + sign("same"),
      share(undecided),
      meanBlocks.toFixed(1) + asked.signOf(ofBlocks),
      ...RIVAL_NAMES.map((rival) => share(rivals[rival].slower)),
      goalList([
        [answer, asked.textOf(ofAnswer)],
        ["blocks", asked.textOf(ofBlocks)],
      ]),
    ];
  });
  const rivals = RIVAL_NAMES.map((rival) => RIVALS[rival]);
  return [
    `${markup.name(name)}, ${formatCount(sampleCount, "run")}; ${formatCount(simulationCount, "cell")} a row:`,
    "",
    ...table(["planted", "regressed", "same", "undecided", "blocks, mean", ...rivals, "asked"], rows),
  ];
}

function goalList(goals: readonly (readonly [string, string | undefined])[]): string {
  const texts = goals.flatMap(([what, goal]) => (goal === undefined ? [] : [`${what} ${goal}`]));
  return texts.length === 0 ? NO_FIGURE : texts.join(", ");
}

function falseNightTable(recordings: readonly PowerRecording[], asked: Goals): string[] {
  const noises = [...new Set(recordings.flatMap(({ falseNights }) => falseNights.map(({ noise }) => noise)))];
  const nightCounts = new Set(recordings.flatMap(({ falseNights }) => falseNights.map(({ nightCount }) => nightCount)));
  const rows = noises.map((noise) => [
    markup.prose(noise),
    ...recordings.map((recording) => falseNightText(recording, noise, asked)),
    goalOf(recordings, `false nights, ${noise}: a cell regressed`, asked),
  ]);
  return [
    `False nights of ${MATRIX_CELLS} cells, nothing changed, ${[...nightCounts].join(" or ")} nights each. Per cent of nights in which a cell regressed / improved / would be called slower if one stopped at the worst moment:`,
    "",
    ...table(["noise", ...recordings.map(nameOf), "asked"], rows),
  ];
}

function falseNightText({ recording, falseNights }: PowerRecording, noise: string, asked: Goals): string {
  const found = falseNights.find((own) => own.noise === noise);
  if (found === undefined) return NO_FIGURE;
  const { nightCount, regressedNights, improvedNights, worstMomentNights } = found;
  const counts = [regressedNights, improvedNights, worstMomentNights];
  const figure = `${recording.name}: false nights, ${noise}`;
  const sign = asked.signOf(`${figure}: a cell regressed`, `${figure}: stopped at the worst moment`);
  return counts.map((count) => ((100 * count) / nightCount).toFixed(2)).join(" / ") + sign;
}

/** The false alarm rate of a night from that of one cell: the other rules have no error that the cells share. */
function ruleTable(recordings: readonly PowerRecording[]): string[] {
  const nullOf = ({ slowdowns }: PowerRecording) => slowdowns.find(({ slowdownPct }) => slowdownPct === 0);
  const rivalText = (recording: PowerRecording, rival: Rival) => {
    const rate = nullOf(recording)?.rivals[rival].slower;
    return rate === undefined ? NO_FIGURE : `${share(rate)} → ${share(1 - (1 - rate) ** MATRIX_CELLS)}`;
  };
  const ownText = (recording: PowerRecording) => {
    const [own, night] = [nullOf(recording), recording.falseNights.find(({ noise }) => noise === "as recorded")];
    if (own === undefined || night === undefined) return NO_FIGURE;
    return `${share(own.regressed)} → ${share(night.regressedNights / night.nightCount)}`;
  };
  return [
    `Called slower although nothing changed, as recorded: one cell → some cell of ${MATRIX_CELLS} (of the others 1 − (1 − p)^${MATRIX_CELLS}):`,
    "",
    ...table(
      ["rule", ...recordings.map(nameOf)],
      [
        ["evidence", ...recordings.map(ownText)],
        ...RIVAL_NAMES.map((rival) => [RIVALS[rival], ...recordings.map((one) => rivalText(one, rival))]),
      ],
    ),
  ];
}
