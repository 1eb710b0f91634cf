/**
 * Tells a story once without a crash, which gives its end state and every crash point that it passes;
 * then once for each of them, with the program killed there and started again. Every telling must end
 * in the same state.
 */
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { seedDemo } from '../../src/app/demo.ts';
import { laterCleanup } from './cleanup.ts';
import { outsideIsHeard, type Scene, type Story } from './crash-stories.ts';
import { testDatabase } from './database.ts';
import { freePort } from './free-port.ts';
import { type OrderEndState, orderEndState } from './order-end-state.ts';
import { startOutsideWorld } from './outside-world.ts';
import { patientClient } from './patient-client.ts';
import { type CrashPlace, type ProgramRelay, startRelay } from './program-relay.ts';
import { realUseEnvironment } from './real-use.ts';

/** A program that can be killed, with everything around it. */
export interface CrashScene extends Scene {
  readonly program: ProgramRelay;
}

/** Starts a program on an empty database with demo data. */
export async function crashScene(): Promise<CrashScene> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const world = await startOutsideWorld(url);
  const { database, connectionString } = await testDatabase({ maxConnections: 4 });
  const program = await startRelay({
    ...realUseEnvironment(connectionString),
    ...world.env,
    PORT: String(port),
    DATABASE_MAX_CONNECTIONS: '8',
  });
  laterCleanup(() => program.stop());
  await seedDemo(database);
  return { client: patientClient(url), database, world, program };
}

/** One telling takes about a second; a busy machine takes several times that. */
export const crashTimeoutMs = 600_000;

/**
 * The part of a story that no other story tells: what comes before and after is killed at every place
 * there. Each is named by a part of a crash point's name, and is the first place that bears it.
 */
export interface OwnPart {
  /** @defaultValue the beginning */
  readonly from?: string;
  /** Not included. @defaultValue the end */
  readonly until?: string;
}

/** What was tried and found. */
export interface CrashReport {
  readonly places: readonly CrashPlace[];
  /** Of the telling without a crash, and so of all. */
  readonly endState: OrderEndState;
}

/**
 * Tells the story with a crash at every place; the first telling is without one. How often a point is
 * passed may differ a little: a group commit writes what is ready at that moment, and on a busy machine
 * a step is tried once more. So a further pass of a point may not come again; every point has to, unless it
 * is of what the program does by itself now and then, such as looking for what is past its time.
 */
export async function crashEverywhere(
  scene: CrashScene,
  story: Story,
  own: OwnPart = {},
): Promise<CrashReport> {
  const { program } = scene;
  const { places: all, endState } = await tellOnceWithoutCrash(scene, story);
  const places = all.slice(placeOf(all, own.from) ?? 0, placeOf(all, own.until));
  const notReached: CrashPlace[] = [];
  for (const place of places) {
    await program.arm(place);
    const before = program.deaths;
    await told(scene, story, endState, `killed at ${place.point}, pass ${place.nth}`);
    if (program.deaths === before) notReached.push(place);
  }
  console.info(`${places.length} places, ${places.length - notReached.length} deaths`);
  expect(notReached.filter(({ nth, point }) => nth === 1 && !byItself.test(point))).toEqual([]);
  expect(notReached.length, JSON.stringify(notReached)).toBeLessThan(places.length / 10);
  return { places, endState };
}

/** Transactions of procedures and steps are called by them; that of housekeeping has no name of its own. */
const byItself = /^(before|after)-commit:transaction$/;

function placeOf(places: readonly CrashPlace[], name: string | undefined): number | undefined {
  if (name === undefined) return undefined;
  const index = places.findIndex(({ point }) => point.includes(name));
  const found = places.map(({ point }) => point).join(', ');
  expect(index, `expected a place named ${name}, found ${found}`).toBeGreaterThan(0);
  return index;
}

async function tellOnceWithoutCrash(scene: CrashScene, story: Story) {
  const { program, database, world } = scene;
  await program.trace();
  const order = await story(scene, randomUUID());
  await outsideIsHeard(scene);
  const endState = await orderEndState(database, world, order.orderId);
  return { places: placesOf(await program.points()), endState };
}

/** Tells the story; its end state, and the answer to a client that repeats its request, are the same. */
async function told(
  scene: CrashScene,
  story: Story,
  expected: OrderEndState,
  how: string,
): Promise<void> {
  const { client, database, world, program } = scene;
  try {
    const order = await Promise.race([story(scene, randomUUID()), program.failure]);
    await outsideIsHeard(scene);
    await program.ready();
    expect(await orderEndState(database, world, order.orderId), how).toEqual(expected);
    const { token, key, body } = order;
    const repeated = await client.post('/api/v1/orders', { token, key, body });
    expect([repeated.status, repeated.body.id], how).toEqual([201, order.orderId]);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`${how}: ${message}\n${program.output()}`, { cause: error });
  }
}

function placesOf(points: readonly string[]): CrashPlace[] {
  const passes = new Map<string, number>();
  return points.flatMap((point, index) => {
    const nth = (passes.get(point) ?? 0) + 1;
    passes.set(point, nth);
    return isAsAfter(points[index - 1], point) ? [] : [{ point, nth }];
  });
}

/** Steps of a process that only write, and the engine's own commits: nobody outside is called or answered. */
const written = /^after-commit:(step:.*|group)$/;
/** What begins a commit, but for one that follows upon a call of an outside system. */
const begun = /^before-commit:(step:.*|group|.*\/1)$/;

/**
 * Whether a death here leaves what one at the point before it has left: between two commits of the program alone
 * nothing more is durable, and nobody outside has seen anything. Such a moment is told once.
 */
function isAsAfter(before: string | undefined, point: string): boolean {
  return before !== undefined && written.test(before) && begun.test(point);
}
