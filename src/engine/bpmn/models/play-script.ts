/**
 * Plays a model by a script: lines at the edge are what happens, the indented lines under each are the
 * history that follows from it, exactly. `again` begins with a new instance; `variables` tells those of
 * the process, with a node those that are seen there; `start-at it/1` begins by the second definition of it.
 */
import { assert } from '../../../kernel/errors.ts';
import type { Instruction } from '../../model/modification.ts';
import type { ProcessModel } from '../../model/process-model.ts';
import { Play } from '../../testing/play.ts';
import { readCommand, type ScriptCommand } from './script-commands.ts';

/** The script as it runs: its commands, each with the history that really follows. */
export function playScript(
  model: ProcessModel,
  script: string,
  options: { readonly resumed?: boolean } = {},
): string {
  let play = new Play(model, options);
  const lines: string[] = [];
  for (const line of script.split('\n')) {
    if (line === '' || line.startsWith(' ')) continue;
    lines.push(line);
    if (line === 'again') {
      play = new Play(model, options);
      continue;
    }
    const looked = /^variables(?: (\S+))?$/.exec(line);
    if (looked) {
      const seen = looked[1] === undefined ? play.variables : play.seenAt(looked[1]);
      lines.push(`  ${JSON.stringify(seen)}`);
      continue;
    }
    act(play, readCommand(line));
    lines.push(...play.news().map((entry) => `  ${entry}`));
  }
  return `${lines.join('\n')}\n`;
}

function act(play: Play, { name, node, rest, value }: ScriptCommand): void {
  switch (name) {
    case 'start':
      return void play.start(value ?? {});
    case 'start-at': {
      const [start, part] = node.split('/');
      return void play.start(value ?? {}, start, part === undefined ? undefined : Number(part));
    }
    case 'complete':
      return void play.complete(node, value);
    case 'fail':
      return void (rest === '' ? play.fail(node) : play.fail(node, rest));
    case 'message':
      return void play.message(node, value);
    case 'signal':
      return void play.signal(node, value);
    case 'child-escalates':
      return void play.childEscalates(node, rest);
    case 'timer':
      return void play.timer(node);
    case 'move-timer':
      return void play.movesTimer(node, String(value));
    case 'task':
      return void play.task(node, value);
    case 'work':
      return void play.external(node, { variables: (value ?? {}) as Record<string, unknown> });
    case 'work-fails':
      return void play.external(node, { retries: Number(value) });
    case 'work-error':
      return void play.external(node, { code: rest });
    case 'retries':
      return void play.externalRetries(node, Number(value));
    case 'child':
      return void play.childEnds(node, value);
    case 'childundone':
      return void play.childUndone(node);
    case 'childfails':
      return void play.childFails(node, rest);
    case 'modify':
      return void play.modifies(value as readonly Instruction[]);
    case 'begin':
      return void play.begins(node);
    case 'set':
      return void play.set((value ?? {}) as Record<string, unknown>);
    case 'unset':
      return void play.set({}, [node]);
    case 'cancel':
      return void play.cancel();
    case 'skip':
      return void play.skip(node, value);
    case 'retry':
      return void play.retry(node);
    default:
      assert(false, `the script says "${name}", which nobody knows`);
  }
}
