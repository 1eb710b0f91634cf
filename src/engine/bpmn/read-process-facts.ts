/** What a process says of itself as a whole: its output, business key, priority, and whom it is fair to. */
import type { ModdleElement } from 'bpmn-moddle';
import { asText } from '../expressions/feel.ts';
import { type Priority, priorities } from '../model/priority.ts';
import type { ProcessModel } from '../model/process-model.ts';
import { allVariables, feel, type ProcessContext } from './process-context.ts';
import type { ElementExtension } from './read-extension.ts';

/** Everything of a model but its graph; what the code says, where the process refers to some. */
export function readProcessFacts(
  context: ProcessContext,
  process: ModdleElement,
  extension: ElementExtension,
): Partial<ProcessModel> {
  const { code } = context;
  if (code) {
    const { output, businessKey, tags, search, priority, input, contract, migrations } = code;
    const { variables, versionTag, fairBy, data } = code;
    const told = { output, businessKey, tags, search, priority, input, contract, migrations };
    const facts = { ...told, variables, versionTag, fairBy, data };
    return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
  }
  const read = (name: string) => {
    const text = extension.text('process', name);
    return text === undefined ? null : feel(context, process, text);
  };
  const businessKey = read('businessKey');
  const output = read('output');
  const fairBy = read('fairBy');
  const priority = extension.text('process', 'priority');
  if (priority !== undefined && !(priorities as readonly string[]).includes(priority)) {
    context.report.add(
      'extension-invalid',
      process,
      `expected priority ${priorities.join(', ')}, found "${priority}"`,
      'name one of them',
    );
  }
  const isOfProcess = extension.text('process', 'variables') === 'process';
  const versionTag = extension.text('process', 'versionTag');
  return {
    output: output ?? (isOfProcess ? allVariables : { source: 'null', evaluate: () => null }),
    ...(isOfProcess ? { variables: 'process' } : {}),
    ...(versionTag === undefined ? {} : { versionTag }),
    ...(businessKey ? { businessKey: asText(businessKey) } : {}),
    ...(fairBy ? { fairBy } : {}),
    ...(priority === undefined ? {} : { priority: priority as Priority }),
  };
}
