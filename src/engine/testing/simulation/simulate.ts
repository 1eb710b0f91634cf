/**
 * The search as a program calls it: in parts, so that the program around it lives on, and with one more
 * thing that must not happen, a rejection that nobody handles, which would end a real node.
 */
import { type Counterexample, inLine, type SearchOptions, search } from './search.ts';

/** Schedules between two looks at what is going on outside. */
const schedulesPerPart = 200;

/** What a simulation found. */
export interface Simulated {
  readonly schedules: number;
  /** Those that differ from each other. */
  readonly distinct: number;
  readonly steps: number;
  readonly found: Counterexample | null;
}

/** Runs so many schedules, and stops at the first that breaks something. */
export async function simulate(options: Omit<SearchOptions, 'first' | 'seen'>): Promise<Simulated> {
  const { schedules } = options;
  const seen = new Set<number>();
  const unhandled: unknown[] = [];
  const note = (error: unknown) => void unhandled.push(error);
  process.on('unhandledRejection', note);
  let steps = 0;
  try {
    for (let first = 0; first < schedules; first += schedulesPerPart) {
      const part = { ...options, first, schedules: Math.min(schedulesPerPart, schedules - first) };
      const searched = await fromOutside(() => search({ ...part, seen }));
      steps += searched.steps;
      const found = searched.found ?? (unhandled.length > 0 ? await blame(part, unhandled) : null);
      if (found)
        return { schedules: first + searched.schedules, distinct: seen.size, steps, found };
    }
  } finally {
    process.off('unhandledRejection', note);
  }
  return { schedules, distinct: seen.size, steps, found: null };
}

/** Runs `work` outside of any promise, and resolves when Node has told of rejections that it left. */
export async function fromOutside<T>(work: () => T): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  setImmediate(() => {
    try {
      resolve(work());
    } catch (error) {
      reject(error);
    }
  });
  const result = await promise;
  await new Promise((told) => setImmediate(told));
  return result;
}

/** Which schedule of a part left the rejection. */
async function blame(
  part: SearchOptions & { readonly first: number },
  unhandled: unknown[],
): Promise<Counterexample> {
  const what = String(unhandled[0]);
  for (let at = part.first; at < part.first + part.schedules; at += 1) {
    unhandled.length = 0;
    await fromOutside(() => search({ ...part, first: at, schedules: 1 }));
    if (unhandled.length > 0) return rejected(part, at, what);
  }
  return rejected(part, part.first, `${what}, which did not come a second time`);
}

function rejected({ scenarios, seed }: SearchOptions, at: number, what: string): Counterexample {
  const line = inLine(scenarios);
  const scenario = line[at % line.length]?.name ?? '';
  const violations = [`a rejection that nobody handles: ${what}`];
  const run = { deviations: [], steps: [], violations, digest: 0 };
  return { scenario, seed: (Math.imul(seed, 0x9e3779b1) + at) | 0, run };
}
