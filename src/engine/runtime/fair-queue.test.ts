/** Nobody waits longer than the promised number of turns, whatever the others put in line. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Gate } from '../../kernel/gate.ts';
import { type Priority, priorities } from '../model/priority.ts';
import { virtualClock } from '../testing/virtual-clock.ts';
import { FairQueue } from './fair-queue.ts';
import type { Lane } from './lane.ts';

interface Job {
  readonly group: string;
  readonly since: number;
  readonly process: string;
}

const job = (process: string, group: string = process): Job => ({ process, group, since: 0 });

/** The order in which jobs come out when each is done before the next is asked for. */
function order(queue: FairQueue<Job>, count = Number.POSITIVE_INFINITY): Job[] {
  const out: Job[] = [];
  for (let turn = 0; turn < count; turn += 1) {
    const picked = queue.pick(8, 8);
    if (!picked) break;
    out.push(picked.item);
    queue.done(picked.lane);
  }
  return out;
}

test('a process with 100,000 jobs in line delays another by one job each', () => {
  const queue = new FairQueue<Job>(() => undefined);
  const flood = queue.lane('flood', 'normal', []);
  for (let n = 0; n < 100_000; n += 1) queue.push(flood, job('flood', `i${n}`));
  const small = queue.lane('small', 'normal', []);
  for (let n = 0; n < 5; n += 1) queue.push(small, job('small', `s${n}`));
  const first = order(queue, 10).map(({ process }) => process);
  expect(first.filter((process) => process === 'small')).toHaveLength(5);
});

test('an instance with a thousand jobs takes turns with the others of its process', () => {
  const queue = new FairQueue<Job>(() => undefined);
  const lane = queue.lane('p', 'normal', []);
  for (let n = 0; n < 1_000; n += 1) queue.push(lane, job('p', 'big'));
  for (const group of ['a', 'b', 'a']) queue.push(lane, job('p', group));
  expect(order(queue, 6).map(({ group }) => group)).toEqual(['big', 'a', 'b', 'big', 'a', 'big']);
});

test('classes share places by their weights, and an empty class leaves them to the others', () => {
  const queue = new FairQueue<Job>(() => undefined);
  for (const priority of priorities) {
    const lane = queue.lane(priority, priority, []);
    for (let n = 0; n < 100; n += 1) queue.push(lane, job(priority, `${priority}${n}`));
  }
  const counts = { interactive: 0, normal: 0, batch: 0 };
  for (const { process } of order(queue, 42)) counts[process as Priority] += 1;
  expect(counts).toEqual({ interactive: 32, normal: 8, batch: 2 });
  expect(order(queue)).toHaveLength(258);
});

test('the last eighth of the places is kept for lanes with nothing at work', () => {
  const queue = new FairQueue<Job>(() => undefined);
  const slow = queue.lane('slow', 'normal', []);
  for (let n = 0; n < 100; n += 1) queue.push(slow, job('slow', `${n}`));
  let free = 16;
  while (queue.pick(free, 16)) free -= 1;
  expect(slow.atWork).toBe(14);
  queue.push(queue.lane('late', 'normal', []), job('late'));
  expect(queue.pick(free, 16)?.item.process).toBe('late');
});

test('a closed gate keeps its lanes out of the way and calls them when it opens', () => {
  let opened = 0;
  const queue = new FairQueue<Job>(() => {
    opened += 1;
  });
  const gate = new Gate({ name: 'g', clock: virtualClock(), atOnce: 1 });
  const behind = queue.lane('a', 'normal', [gate]);
  queue.push(behind, job('a', '1'));
  queue.push(queue.lane('b', 'normal', []), job('b'));
  gate.take();
  expect(order(queue).map(({ process }) => process)).toEqual(['b']);
  gate.give();
  expect(opened).toBe(1);
  expect(order(queue).map(({ process }) => process)).toEqual(['a']);
});

/** Places of other classes: their share of one turn, and one each. */
const longestWait = { interactive: 4, normal: 7, batch: 22 };

/** A load: what happens, in which order. */
const load = fc.record({
  places: fc.integer({ min: 1, max: 24 }),
  lanes: fc.array(fc.record({ priority: fc.constantFrom(...priorities), gated: fc.boolean() }), {
    minLength: 2,
    maxLength: 7,
  }),
  gateLimit: fc.integer({ min: 1, max: 3 }),
  steps: fc.array(
    fc.oneof(
      fc.record({ push: fc.nat(6), count: fc.integer({ min: 1, max: 40 }) }),
      fc.record({ finish: fc.nat(30) }),
    ),
    { minLength: 20, maxLength: 200 },
  ),
});

test('for any load: a lane with nothing at work waits for one turn of each other lane at most', () => {
  fc.assert(
    fc.property(load, ({ places, lanes, gateLimit, steps }) => {
      const queue = new FairQueue<Job>(() => undefined);
      const gate = new Gate({ name: 'g', clock: virtualClock(), atOnce: gateLimit });
      const made = lanes.map(({ priority, gated }, index) =>
        queue.lane(`p${index}`, priority, gated ? [gate] : []),
      );
      /** Picks of its class since a lane is ready, open and has nothing at work. */
      const waited = new Map<Lane<Job>, number>();
      /** Picks in all since a class has a lane that may be picked. */
      const classWaited = new Map<Priority, number>();
      const atWork: Lane<Job>[] = [];
      const isReady = (lane: Lane<Job>) => lane.size > 0 && lane.atWork === 0 && lane.isOpen;
      const look = (picked?: Lane<Job>) => {
        for (const lane of made) {
          if (!isReady(lane) || lane === picked) waited.delete(lane);
          else if (!waited.has(lane)) waited.set(lane, 0);
        }
        for (const priority of priorities) {
          const ready = made.some((lane) => lane.priority === priority && isReady(lane));
          if (!ready || picked?.priority === priority) classWaited.delete(priority);
          else if (!classWaited.has(priority)) classWaited.set(priority, 0);
        }
      };
      const fill = () => {
        while (atWork.length < places) {
          look();
          const picked = queue.pick(places - atWork.length, places);
          if (!picked) break;
          for (const gated of picked.lane.gates) gated.take();
          atWork.push(picked.lane);
          for (const [lane, turns] of waited) {
            if (lane === picked.lane || lane.priority !== picked.lane.priority) continue;
            waited.set(lane, turns + 1);
            expect(turns + 1).toBeLessThan(lanes.length);
          }
          for (const [priority, turns] of classWaited) {
            if (priority === picked.lane.priority) continue;
            classWaited.set(priority, turns + 1);
            expect(turns + 1).toBeLessThanOrEqual(longestWait[priority]);
          }
          look(picked.lane);
        }
        // Work is not held back: what may begin, begins, as long as there is a place.
        if (atWork.length < places) expect(made.some(isReady)).toBe(false);
      };
      let pushed = 0;
      for (const step of steps) {
        if ('push' in step) {
          const lane = made[step.push % made.length] as Lane<Job>;
          for (let n = 0; n < step.count; n += 1) {
            pushed += 1;
            queue.push(lane, job(lane.process, `${pushed % 5}`));
          }
        } else {
          const [lane] = atWork.splice(step.finish % Math.max(1, atWork.length), 1);
          if (!lane) continue;
          queue.done(lane);
          for (const gated of lane.gates) gated.give();
        }
        fill();
      }
      let done = pushed - queue.size - atWork.length;
      for (let lane = atWork.pop(); lane; lane = atWork.pop()) {
        done += 1;
        queue.done(lane);
        for (const gated of lane.gates) gated.give();
        fill();
      }
      expect(done).toBe(pushed);
      expect(queue.size).toBe(0);
    }),
    { numRuns: 300 },
  );
});
