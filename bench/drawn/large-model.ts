/**
 * Deploying a large drawing: 500 flow nodes of many kinds, nested, with conditions, timers, boundary
 * events and mappings. Each is another file, so that nothing that was read before can be used again.
 */
import { compileDrawing, createEngine } from '../../src/engine/index.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { migrate, openDatabase } from '../../src/postgres/index.ts';
import { engineSchema } from '../engine/orderloom.ts';
import { quietLog } from '../scratch-server.ts';
import { median } from '../statistics.ts';
import { drawing, inside, serviceTask } from './draw.ts';
import { workRunner } from './work.ts';

/** Flow nodes of one block. */
const blockSize = 16;
const blocks = 31;
/** Flow nodes of the drawing: the blocks, and a start, two tasks and an end. */
const largeModelNodes = blocks * blockSize + 4;

/** One block: a choice, a fork with a join, a sub-process with a deadline that leads to a person, a pause. */
function block(b: number) {
  const id = (name: string) => `${name}_${b}`;
  const task = (name: string) =>
    serviceTask(id(name), {
      procedure: 'bench.work',
      inputs: { step: `= ${b}`, total: `= input.total * ${b} + 1` },
    });
  const inner = {
    nodes: [
      `<startEvent id="${id('inner_start')}"/>`,
      task('inner_work'),
      `<endEvent id="${id('inner_end')}"/>`,
    ],
    flows: [
      [id('inner_start'), id('inner_work')],
      [id('inner_work'), id('inner_end')],
    ],
  };
  const nodes = [
    `<exclusiveGateway id="${id('choice')}" default="${id('choice')}-to-${id('cheap')}"/>`,
    task('dear'),
    task('cheap'),
    `<exclusiveGateway id="${id('merge')}"/>`,
    `<parallelGateway id="${id('fork')}"/>`,
    task('left'),
    task('right'),
    `<parallelGateway id="${id('join')}"/>`,
    `<subProcess id="${id('part')}">${inside(inner)}</subProcess>`,
    `<boundaryEvent id="${id('late')}" attachedToRef="${id('part')}"><timerEventDefinition>` +
      '<timeDuration>PT30M</timeDuration></timerEventDefinition></boundaryEvent>',
    `<userTask id="${id('look')}"><extensionElements><orderloom:task roles="manager"/></extensionElements></userTask>`,
    `<intermediateCatchEvent id="${id('pause')}"><timerEventDefinition>` +
      '<timeDuration>PT1M</timeDuration></timerEventDefinition></intermediateCatchEvent>',
    `<endEvent id="${id('looked')}"/>`,
  ];
  const flows = [
    [id('choice'), id('dear'), `= input.total &gt; ${b * 100}`],
    [id('choice'), id('cheap')],
    [id('dear'), id('merge')],
    [id('cheap'), id('merge')],
    [id('merge'), id('fork')],
    [id('fork'), id('left')],
    [id('fork'), id('right')],
    [id('left'), id('join')],
    [id('right'), id('join')],
    [id('join'), id('part')],
    [id('part'), id('pause')],
    [id('late'), id('look')],
    [id('look'), id('looked')],
  ];
  return { nodes, flows, first: id('choice'), last: id('pause') };
}

/** A drawing of `largeModelNodes` flow nodes, named by `n`. */
function largeModel(n: number): string {
  const all = Array.from({ length: blocks }, (_, b) => block(b));
  const ways = [
    'start',
    'check',
    ...all.flatMap(({ first, last }) => [first, last]),
    'close',
    'end',
  ];
  const joints = ways.flatMap((id, at) => (at % 2 === 0 && at > 0 ? [[ways[at - 1], id]] : []));
  const task = (id: string) =>
    serviceTask(id, { procedure: 'bench.work', inputs: { step: '= 0', total: '= 0' } });
  return drawing(`large-${n}`, {
    nodes: [
      '<startEvent id="start"/>',
      task('check'),
      ...all.flatMap(({ nodes }) => nodes),
      task('close'),
      '<endEvent id="end"/>',
    ],
    flows: [['start', 'check'], ...joints, ['close', 'end'], ...all.flatMap(({ flows }) => flows)],
  });
}

/** Milliseconds: of the first file of a program that was just started, and the median of those after it. */
export interface LargeModelFigures {
  readonly nodes: number;
  readonly kilobytes: number;
  readonly parseMs: { readonly first: number; readonly median: number };
  /** Reading, checking, storing and being able to start it. */
  readonly deployMs: { readonly first: number; readonly median: number };
}

/** Measures on an empty database. */
export async function measureLargeModel(options: {
  readonly connectionString: string;
  readonly times: number;
}): Promise<LargeModelFigures> {
  const { connectionString, times } = options;
  const xml = largeModel(0);
  const nodes = [...xml.matchAll(/<(\w+(Event|Task|Gateway)|subProcess) id=/g)].length;
  if (nodes !== largeModelNodes)
    throw new Error(`expected ${largeModelNodes} nodes, found ${nodes}`);
  const parseMs: number[] = [];
  for (let n = 0; n < times; n += 1) {
    const text = largeModel(n);
    const begin = performance.now();
    const { problems } = await compileDrawing({ name: 'large.bpmn', xml: text });
    parseMs.push(performance.now() - begin);
    const [problem] = problems;
    if (problem) throw new Error(`expected a drawing without problems, found ${problem.message}`);
  }
  const deployMs = await deploys(connectionString, times);
  const [firstParse = 0, ...parses] = parseMs;
  const [firstDeploy = 0, ...deployments] = deployMs;
  const rounded = (ms: number) => Number(ms.toFixed(1));
  return {
    nodes,
    kilobytes: Math.round(xml.length / 1_024),
    parseMs: { first: rounded(firstParse), median: rounded(median(parses)) },
    deployMs: { first: rounded(firstDeploy), median: rounded(median(deployments)) },
  };
}

async function deploys(connectionString: string, times: number): Promise<number[]> {
  const database = openDatabase({ connectionString, maxConnections: 4, applicationName: 'bench' });
  await migrate(database, [engineSchema]);
  const engine = createEngine({
    database,
    clock: systemClock,
    log: quietLog,
    processes: [],
    runner: workRunner(() => undefined, database),
  });
  await engine.start();
  try {
    const took: number[] = [];
    for (let n = 0; n < times; n += 1) {
      const xml = largeModel(n);
      const begin = performance.now();
      const prepared = await engine.drawings.prepare([{ name: 'large.bpmn', xml }]);
      if ('problems' in prepared) throw new Error(`not deployed: ${prepared.problems[0]?.message}`);
      await database.transaction((tx) => engine.drawings.deploy(tx, prepared.files, 'bench'));
      await engine.drawings.look();
      took.push(performance.now() - begin);
      if (!engine.model(`large-${n}`)) throw new Error('expected it to be ready to start');
    }
    return took;
  } finally {
    await engine.stop();
    await database.close();
  }
}
