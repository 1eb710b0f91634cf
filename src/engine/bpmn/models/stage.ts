/**
 * Where the scripts of models are played on real nodes: the models, what they call, and who answers. Each script has
 * a process of its own, and messages and signals of its own, so that all of them are played side by side.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { assert } from '../../../kernel/errors.ts';
import type { Procedure } from '../../../kernel/procedure.ts';
import type { Database } from '../../../postgres/index.ts';
import type { ProcessModel } from '../../model/process-model.ts';
import type { EngineWorld } from '../../testing/in-process-engine.ts';
import { compileDrawing } from '../compile-drawing.ts';
import { calledBy, calledProcess, childProcedure } from './called-processes.ts';
import { delegates } from './delegates.ts';
import { deciding, OpenCalls } from './open-calls.ts';
import { Performance } from './performance.ts';

const folder = fileURLToPath(new URL('./runs/', import.meta.url));
const read = (name: string) => readFileSync(`${folder}${name}`, 'utf8');

/** All models, everything that they call, and the scripts that answer. */
export class Stage {
  readonly processes: ProcessModel[] = [];
  readonly procedures: Procedure[] = [];
  readonly #scripts: (readonly [ProcessModel, string])[] = [];
  readonly #calls = new OpenCalls();

  /** Reads all models and makes what they need around them. */
  static async open(): Promise<Stage> {
    const stage = new Stage();
    const names = readdirSync(folder).flatMap((name) => /^(.*)\.bpmn$/.exec(name)?.[1] ?? []);
    const procedures = new Set([childProcedure, deciding, ...Object.values(delegates)]);
    for (const name of names) {
      const drawing = read(`${name}.bpmn`);
      for (const [, found] of drawing.matchAll(/ procedure="([^"]+)"/g))
        procedures.add(found ?? '');
      const scripts = read(`${name}.history`).split(/^again$/m);
      for (const [index, script] of scripts.entries()) {
        const key = index === 0 ? name : `${name}-${index + 1}`;
        const file = { name, xml: apart(drawing, key), delegates };
        const { models, problems } = await compileDrawing(file);
        const model = models.find((one) => one.key === key);
        assert(model, `model ${name} cannot be read: ${JSON.stringify(problems)}`);
        stage.processes.push(...models);
        stage.#scripts.push([model, script]);
      }
    }
    const own = new Set(stage.processes.map(({ key }) => key));
    const texts = stage.#scripts.map(([, text]) => text).join('\n');
    const codes = (command: string) => [
      ...new Set(
        [...texts.matchAll(/^(\S+) \S+ (\S+)$/gm)].flatMap(([, name, code = '']) =>
          name === command ? [code] : [],
        ),
      ),
    ];
    const ends = { errors: codes('childfails'), escalations: codes('child-escalates') };
    for (const [key, version] of calledBy(stage.processes)) {
      if (!own.has(key)) stage.processes.push(calledProcess(key, version, ends));
    }
    stage.procedures.push(...[...procedures].map((name) => stage.#calls.procedure(name)));
    return stage;
  }

  /** What was asked by nodes that are dead is answered to nobody. */
  forgetCalls(): void {
    this.#calls.forget();
  }

  /** A performance of all scripts. */
  performance(world: EngineWorld, database: Database): Performance {
    return new Performance(world, database, this.#calls, this.#scripts);
  }
}

/** The drawing as a process of this key, whose messages and signals reach no other. */
function apart(drawing: string, key: string): string {
  return drawing
    .replaceAll('"model"', `"${key}"`)
    .replace(/<(?:message|signal) [^>]*>/g, (tag) =>
      tag.replace(/ name="([^"]*)"/, ` name="$1.${key}"`),
    );
}
