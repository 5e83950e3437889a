import { startProgress } from "@forgebench/io";
import { median } from "@forgebench/stats";

/** What was measured of two sides, pair by pair. */
export interface InTurn<Own, Reference> {
  readonly own: readonly Own[];
  readonly reference: readonly Reference[];
}

/** How often two sides are measured, and how that is shown. */
interface TurnPlan {
  readonly pairs: number;
  /** Where the progress goes, and what it is called there. */
  readonly shown?: { readonly io: Parameters<typeof startProgress>[0]; readonly label: string };
  /** Called after each pair. */
  readonly onPair?: () => void;
  /** Which of a pair comes first; by default each in turn: A B B A. */
  readonly isOwnFirst?: (pair: number) => boolean;
}

/**
 * Measures two sides one after the other, A B B A, so that what the machine does meanwhile, and what the first leaves to the
 * second, burdens both alike. Without a reference there is one side.
 */
export async function inTurn<Own, Reference>(
  { pairs, shown, onPair, isOwnFirst = (pair) => pair % 2 === 0 }: TurnPlan,
  sides: { readonly own: () => Promise<Own>; readonly reference?: (() => Promise<Reference>) | undefined },
): Promise<InTurn<Own, Reference>> {
  const progress = shown === undefined ? undefined : startProgress(shown.io, shown.label, pairs);
  const own: Own[] = [];
  const reference: Reference[] = [];
  const measureReference = async () => {
    if (sides.reference !== undefined) reference.push(await sides.reference());
  };
  try {
    for (let pair = 0; pair < pairs; pair += 1) {
      const isFirst = isOwnFirst(pair);
      if (!isFirst) await measureReference();
      own.push(await sides.own());
      if (isFirst) await measureReference();
      progress?.update(pair + 1);
      onPair?.();
    }
  } finally {
    progress?.stop();
  }
  return { own, reference };
}

/** Both sides of each pair in one. */
export function pairs<Own extends object, Reference extends object>({
  own,
  reference,
}: InTurn<Own, Reference>): (Own & Reference)[] {
  return own.flatMap((one, pair) => {
    const other = reference[pair];
    return other === undefined ? [] : [{ ...one, ...other }];
  });
}

/** What one value of each run of a pair is in that of the other; of a reference that was not measured NaN. */
export function pairRatios<Run>({ own, reference }: InTurn<Run, Run>, read: (run: Run) => number): number[] {
  return own.map((run, pair) => {
    const other = reference[pair];
    return other === undefined ? Number.NaN : read(run) / read(other);
  });
}

/** The median of one value of each run. */
export function medianOf<Run>(runs: readonly Run[], read: (run: Run) => number): number {
  return median(runs.map(read));
}
