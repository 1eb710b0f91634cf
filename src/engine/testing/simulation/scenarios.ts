/**
 * Small processes and what happens around them: each a place where two things meet that may come in any
 * order. They share their effects: steps that write leave one row, steps that reach outside make one call.
 */
import type { HistoryEntry } from '../../model/events.ts';
import type { ProcessModel } from '../../model/process-model.ts';
import {
  boundaryEvent,
  callActivity,
  catchEvent,
  compensateEvent,
  drawProcess,
  endEvent,
  error,
  eventBasedGateway,
  exclusiveGateway,
  message,
  parallelGateway,
  receiveTask,
  serviceTask,
  startEvent,
  subProcess,
  timer,
  undoTask,
  userTask,
} from '../draw-process.ts';
import { historyLine } from '../history-lines.ts';
import { callsOutside, writesEffect } from './simulated-procedures.ts';
import type { Act, SimulatedWorld, WorldSettings } from './simulated-world.ts';

/** A process, its surroundings, and what must come of it. */
export interface Scenario {
  readonly name: string;
  readonly settings: Omit<WorldSettings, 'seed' | 'omission'>;
  /** Notes what is wrong with how it ended, by `world.checks.expect`. */
  readonly check?: (world: SimulatedWorld) => void;
}

const writes = writesEffect;
const calls = callsOutside;
const step = (undo?: string) =>
  serviceTask(undo === undefined ? { job: writes } : { job: writes, undo });
const outsideStep = (undo?: string) =>
  serviceTask(undo === undefined ? { job: calls } : { job: calls, undo });

const start = startEvent(null, { result: 'input' });
const end = endEvent();
const byOrder = (name: string) => ({
  ...message(name, 'order'),
  correlation: [{ field: 'order', value: { source: 'order', evaluate: () => 'o-1' } }],
});

// --- what happens around --------------------------------------------------------------------------

const begin = (process: string, startKey = 'once'): Act => ({
  label: `somebody starts ${process}`,
  isReady: () => true,
  act: (world, node) => world.start(node, process, {}, startKey),
});

const tells = (name: string, id: string, payload: object = {}): Act => ({
  label: `message ${name} ${id.slice(-1)}`,
  isReady: () => true,
  act: (world, node) => world.publish(node, id, name, { order: 'o-1', ...payload }),
});

/** The id of the first message, the second one, and so on. */
const id = (n: number) => `00000000-0000-7000-8000-00000000f00${n}`;

const first = ({ tables }: SimulatedWorld) => {
  for (const row of tables.instances.values()) if (row.parent_id === null) return row;
  return undefined;
};

const cancel: Act = {
  label: 'somebody cancels',
  isReady: (world) => first(world) !== undefined,
  act: async (world, node) => {
    const row = first(world);
    if (!row) return;
    await node.engine.request(row.id, { type: 'cancel', reason: 'no longer wanted', by: 'ada' });
  },
};

const suspends: Act = {
  ...cancel,
  label: 'somebody suspends',
  act: async (world, node) => {
    const row = first(world);
    if (row) await node.engine.request(row.id, { type: 'suspend', reason: 'wait', by: 'ada' });
  },
};

const resumes: Act = {
  label: 'somebody resumes',
  isReady: (world) => first(world)?.status === 'suspended',
  happens: 'always',
  act: async (world, node) => {
    const row = first(world);
    if (row) await node.engine.request(row.id, { type: 'resume', by: 'ada' });
  },
};

const decides = (label = 'somebody decides'): Act => ({
  label,
  isReady: ({ tables }) => tables.tasks.some(({ status }) => status === 'open'),
  happens: 'sometimes',
  act: async ({ tables }, node) => {
    const task = tables.tasks.find(({ status }) => status === 'open');
    if (!task) return;
    const { instance_id, n } = task;
    await node.engine.request(instance_id, { type: 'task-completed', n, output: 1, by: 'ada' });
  },
});

/** Incidents are tried again, so that a run that met some comes to its end. */
const mends: Act = {
  label: 'somebody tries again',
  isReady: ({ tables }) => tables.incidents.some(({ isOpen }) => isOpen),
  happens: 'always',
  act: async ({ tables }, node) => {
    const incident = tables.incidents.find(({ isOpen }) => isOpen);
    if (!incident) return;
    const { instance_id, n } = incident;
    await node.engine.request(instance_id, { type: 'incident-retry', n, by: 'ada' });
  },
};

// --- what must come of it -------------------------------------------------------------------------

function histories(world: SimulatedWorld): readonly (readonly HistoryEntry[])[] {
  return [...world.tables.instances.keys()].map((one) => world.checks.historyOf(one));
}

function lines(history: readonly HistoryEntry[]): readonly string[] {
  return history.map(historyLine);
}

/** At most one of these lines stands in the history of any instance. */
function oneOf(...outcomes: readonly string[]) {
  return (world: SimulatedWorld) => {
    for (const history of histories(world)) {
      const found = lines(history).filter((line) => outcomes.includes(line));
      world.checks.expect(found.length <= 1, `several outcomes of one race: ${found.join(', ')}`);
    }
  };
}

/** What was done is undone last first, each once; all of it when the instance was cancelled. */
function undone(undoOf: Readonly<Record<string, string>>) {
  return (world: SimulatedWorld) => {
    for (const history of histories(world)) {
      const completed = history.filter(({ kind }) => kind === 'element.completed');
      const done = completed.flatMap(({ node }) => undoOf[node] ?? []);
      const undos = completed.filter(({ node }) => Object.values(undoOf).includes(node));
      const order = undos.map(({ node }) => node);
      const known = order.filter((undo) => done.includes(undo));
      world.checks.expect(new Set(order).size === order.length, `undone twice: ${order}`);
      world.checks.expect(
        done
          .filter((undo) => known.includes(undo))
          .toReversed()
          .join() === known.join(),
        `done ${done}, undone in the order ${known}`,
      );
      const isCancelled = history.some(({ kind }) => kind === 'process.cancelled');
      if (isCancelled) {
        world.checks.expect(known.length === done.length, `done ${done}, undone only ${known}`);
      }
    }
  };
}

/**
 * Across a parent and its child what was done last is undone first: the child's step, or the child as a
 * whole when it was done, before the step of the parent that came before it.
 */
function undoneAcross(world: SimulatedWorld): void {
  const rows = [...world.tables.instances.values()];
  const parentRow = rows.find(({ parent_id }) => parent_id === null);
  const childRow = rows.find(({ parent_id }) => parent_id !== null);
  if (!parentRow) return;
  const { checks } = world;
  const undo = (of: string | undefined, node: string) =>
    checks.effects.findIndex((key) => of !== undefined && key.startsWith(`${of}/${node}/`));
  const last = undo(parentRow.id, 'ua');
  const ofChild = undo(childRow?.id, 'ua');
  const asWhole = undo(parentRow.id, 'uc');
  const isUndone = last >= 0;
  checks.expect(ofChild < 0 || asWhole < 0, 'the child was undone twice');
  checks.expect(!isUndone || Math.max(ofChild, asWhole) < last, 'the parent was undone first');
  if (isUndone && undo(childRow?.id, 'a') >= 0) {
    checks.expect(ofChild >= 0 || asWhole >= 0, 'the child was not undone');
  }
}

/** Every instance ended, well. */
function completed(world: SimulatedWorld): void {
  for (const { id: instance, status } of world.tables.instances.values()) {
    world.checks.expect(status === 'completed', `${instance} ended as ${status}`);
  }
}

function all(...checks: readonly ((world: SimulatedWorld) => void)[]) {
  return (world: SimulatedWorld) => {
    for (const check of checks) check(world);
  };
}

const effects = (count: number) => (world: SimulatedWorld) =>
  world.checks.expect(
    world.checks.effects.length === count,
    `expected ${count} effects, found ${world.checks.effects.length}`,
  );

/** How many messages element "wait" has taken. */
const takenAtWait = (world: SimulatedWorld) =>
  histories(world).flatMap((history) =>
    history.filter(({ kind, node }) => kind === 'message.received' && node === 'wait'),
  ).length;

/** Each of so many was taken once. */
const received = (count: number) => (world: SimulatedWorld) =>
  world.checks.expect(
    takenAtWait(world) === count,
    `expected ${count} messages to be taken, found ${takenAtWait(world)}`,
  );

/** It is told to stop once it has taken so many. */
const stopsAfter = (count: number): Act => ({
  ...tells('stop', id(9)),
  isReady: (world) => takenAtWait(world) === count,
});

// --- processes ------------------------------------------------------------------------------------

const join = drawProcess('join', {
  nodes: {
    start,
    fork: parallelGateway(),
    a: step(),
    b: step(),
    join: parallelGateway(),
    c: step(),
    end,
  },
  flows: ['start -> fork -> a -> join -> c -> end', 'fork -> b -> join'],
});

const race = drawProcess('race', {
  nodes: {
    start,
    g: eventBasedGateway(),
    paid: catchEvent(byOrder('paid')),
    late: catchEvent(timer(5_000)),
    a: step(),
    b: step(),
    end,
  },
  flows: ['start -> g -> paid -> a -> end', 'g -> late -> b -> end'],
});

const queue = drawProcess('queue', {
  nodes: {
    start,
    one: catchEvent(byOrder('paid')),
    a: step(),
    two: catchEvent(byOrder('paid')),
    b: step(),
    end,
  },
  flows: ['start -> one -> a -> two -> b -> end'],
});

/** Waits for one message after the other, until it is told to stop. */
const round = drawProcess('round', {
  nodes: {
    start,
    fork: parallelGateway(),
    wait: receiveTask([byOrder('paid')]),
    told: catchEvent(byOrder('stop')),
    end: endEvent({ type: 'terminate' }),
  },
  flows: ['start -> fork -> wait -> wait', 'fork -> told -> end'],
});

const trip = drawProcess('trip', {
  nodes: {
    start,
    a: step('ua'),
    b: step('ub'),
    c: step('uc'),
    ua: undoTask({ job: writes }),
    ub: undoTask({ job: writes }),
    uc: undoTask({ job: writes }),
    end,
  },
  flows: ['start -> a -> b -> c -> end'],
});

const saga = drawProcess('saga', {
  nodes: {
    start,
    s: subProcess(['ss', 'a', 'b', 'w', 'se', 'ua', 'ub']),
    ss: startEvent(),
    a: step('ua'),
    b: outsideStep('ub'),
    w: catchEvent(byOrder('paid')),
    ua: undoTask({ job: writes }),
    ub: undoTask({ job: writes }),
    se: end,
    late: boundaryEvent('s', timer(5_000)),
    undo: compensateEvent(),
    merge: exclusiveGateway(),
    x: step(),
    end,
  },
  flows: ['start -> s -> merge -> x -> end', 'ss -> a -> b -> w -> se', 'late -> undo -> merge'],
});

const approval = drawProcess('approval', {
  nodes: {
    start,
    t: userTask({ messages: [byOrder('approved')], result: 'decision' }),
    late: boundaryEvent('t', timer(5_000)),
    a: step(),
    x: step(),
    end,
  },
  flows: ['start -> t -> a -> end', 'late -> x -> end'],
});

const child = drawProcess('child', {
  nodes: {
    start,
    w: catchEvent(byOrder('paid')),
    a: step('ua'),
    ua: undoTask({ job: writes }),
    end,
  },
  flows: ['start -> w -> a -> end'],
});

const parent = drawProcess('parent', {
  nodes: {
    start,
    call: callActivity('child', { input: () => ({}) }),
    gone: boundaryEvent('call', error()),
    merge: exclusiveGateway(),
    b: step(),
    end,
  },
  flows: ['start -> call -> merge -> b -> end', 'gone -> merge'],
});

const callee = drawProcess('callee', {
  nodes: {
    start,
    a: step('ua'),
    w: catchEvent(byOrder('paid')),
    ua: undoTask({ job: writes }),
    end,
  },
  flows: ['start -> a -> w -> end'],
});

const caller = drawProcess('caller', {
  nodes: {
    start,
    a: step('ua'),
    call: callActivity('callee', { input: () => ({}), undo: 'uc' }),
    late: boundaryEvent('call', timer(5_000)),
    undo: compensateEvent(),
    merge: exclusiveGateway(),
    b: step('ub'),
    ua: undoTask({ job: writes }),
    ub: undoTask({ job: writes }),
    uc: undoTask({ job: writes }),
    end,
  },
  flows: ['start -> a -> call -> merge -> b -> end', 'late -> undo -> merge'],
});

const outward = drawProcess('outward', {
  nodes: { start, a: outsideStep(), b: step(), c: outsideStep(), end },
  flows: ['start -> a -> b -> c -> end'],
});

const begun = drawProcess('begun', {
  nodes: {
    start: startEvent(byOrder('placed'), { result: 'order' }),
    a: step(),
    w: catchEvent(byOrder('paid')),
    b: step(),
    end,
  },
  flows: ['start -> a -> w -> b -> end'],
});

function scenario(
  name: string,
  processes: readonly ProcessModel[],
  acts: readonly Act[],
  options: Partial<Omit<WorldSettings, 'acts' | 'processes'>> & Pick<Scenario, 'check'> = {},
): Scenario {
  const { check, ...settings } = options;
  const usual = { nodes: 1, outsideFails: false, nodesFail: false };
  return {
    name,
    settings: { ...usual, ...settings, processes, acts },
    ...(check ? { check } : {}),
  };
}

/** All of them, by kind: what one node meets, and what several nodes that fail meet. */
export const scenarios: readonly Scenario[] = [
  scenario('join', [join], [begin('join')], { check: all(completed, effects(3)) }),
  scenario(
    'race of message, timer and cancel',
    [race],
    [begin('race'), tells('paid', id(1)), cancel],
    {
      check: oneOf('message paid', 'timer late'),
    },
  ),
  scenario('early message', [queue], [tells('paid', id(1)), tells('paid', id(2)), begin('queue')], {
    check: all(completed, effects(2)),
  }),
  scenario(
    'duplicate messages',
    [queue],
    [
      begin('queue'),
      tells('paid', id(1)),
      { ...tells('paid', id(1)), label: 'message paid 1 again' },
      tells('paid', id(2)),
      { ...tells('paid', id(2)), label: 'message paid 2 again' },
    ],
    { check: all(completed, effects(2)) },
  ),
  scenario(
    'a wait that goes on',
    [round],
    [
      begin('round'),
      tells('paid', id(1)),
      tells('paid', id(2)),
      tells('paid', id(3)),
      { ...tells('paid', id(2)), label: 'message paid 2 again' },
      stopsAfter(3),
    ],
    { check: all(completed, received(3)) },
  ),
  scenario(
    'take-over of a wait that goes on',
    [round],
    [
      begin('round'),
      tells('paid', id(1)),
      tells('paid', id(2)),
      tells('paid', id(3)),
      stopsAfter(3),
    ],
    { nodes: 2, nodesFail: true, check: all(completed, received(3)) },
  ),
  scenario('cancel during a step', [trip], [begin('trip'), cancel], {
    check: undone({ a: 'ua', b: 'ub', c: 'uc' }),
  }),
  scenario('compensation after a deadline', [saga], [begin('saga'), tells('paid', id(1)), cancel], {
    outsideFails: true,
    check: undone({ a: 'ua', b: 'ub' }),
  }),
  scenario(
    'task, message and deadline',
    [approval],
    [begin('approval'), decides(), decides('somebody else decides'), tells('approved', id(1))],
    { check: oneOf('entered a', 'entered x') },
  ),
  scenario('suspend and resume', [race], [begin('race'), suspends, tells('paid', id(1)), resumes], {
    check: oneOf('message paid', 'timer late'),
  }),
  scenario('called process', [parent, child], [begin('parent'), tells('paid', id(1)), cancel], {}),
  scenario(
    'undoing across processes',
    [caller, callee],
    [begin('caller'), tells('paid', id(1)), cancel],
    { check: all(undoneAcross, undone({ a: 'ua', b: 'ub' })) },
  ),
  scenario('outside that does not answer', [outward], [begin('outward'), mends], {
    outsideFails: true,
  }),
  scenario(
    'started by a message',
    [begun],
    [
      tells('placed', id(1)),
      { ...tells('placed', id(1)), label: 'message placed 1 again' },
      tells('paid', id(2)),
    ],
    { check: all(completed, effects(2)) },
  ),
  scenario('two nodes', [race], [begin('race'), tells('paid', id(1)), cancel], {
    nodes: 2,
    check: oneOf('message paid', 'timer late'),
  }),
  scenario('take-over in the middle of steps', [trip], [begin('trip')], {
    nodes: 2,
    nodesFail: true,
    check: all(completed, effects(3)),
  }),
  scenario(
    'take-over in the middle of messages',
    [queue],
    [
      begin('queue'),
      { ...begin('queue'), label: 'somebody else starts queue' },
      tells('paid', id(1)),
      tells('paid', id(2)),
      { ...tells('paid', id(1)), label: 'message paid 1 again' },
    ],
    { nodes: 2, nodesFail: true, check: all(completed, effects(2)) },
  ),
  scenario(
    'take-over in the middle of a cancel',
    [saga],
    [begin('saga'), tells('paid', id(1)), cancel],
    {
      nodes: 2,
      nodesFail: true,
      outsideFails: true,
      check: undone({ a: 'ua', b: 'ub' }),
    },
  ),
  scenario(
    'two instances and one message',
    [race],
    [
      begin('race'),
      { ...begin('race', 'again'), label: 'somebody starts another race' },
      tells('paid', id(1)),
    ],
    { nodes: 2, check: oneOf('message paid', 'timer late') },
  ),
  scenario('take-over while a commit is in doubt', [trip], [begin('trip')], {
    nodes: 2,
    nodesFail: true,
    sessionsNameless: true,
    check: all(completed, effects(3)),
  }),
  scenario(
    'requests while a commit is in doubt',
    [approval],
    [begin('approval'), decides(), cancel],
    {
      nodes: 2,
      nodesFail: true,
      sessionsNameless: true,
      check: oneOf('entered a', 'entered x'),
    },
  ),
  scenario(
    'take-over between parent and child',
    [parent, child],
    [begin('parent'), tells('paid', id(1))],
    { nodes: 2, nodesFail: true, check: all(completed, effects(2)) },
  ),
  scenario(
    'take-over while a child is undone',
    [caller, callee],
    [begin('caller'), tells('paid', id(1)), cancel],
    { nodes: 2, nodesFail: true, check: all(undoneAcross, undone({ a: 'ua', b: 'ub' })) },
  ),
];
