/** The page of the REST dialect of Camunda 7: what is mounted, since it is written from the same list. */
import { engineRestOperations, engineRestPath } from '../../engine-rest/index.ts';
import { code, markdownTable, pageHead } from './markdown.ts';

/** Every operation of the dialect, the procedures that it runs, and what is different. */
export function engineRestPage(): string {
  const introduction = [
    `Operations of the REST API of Camunda 7 that are answered below \`${engineRestPath}\`, with its paths, fields, types`,
    'and dates. Each runs procedures of [our own API](permissions.md), which say who may: who may run the first',
    'one, may use the operation. What stands under *Different* is not as it is in Camunda 7. Filters that are',
    'not known are refused, so that a list is never wider than was asked. How clients are used:',
    '[the guide](../guides/camunda-clients.md).',
  ].join('\n');
  const rows = engineRestOperations.map(({ method, path, procedures, note = '' }) => [
    code(`${method} ${path}`),
    procedures.map(code).join(', ') || 'none: anybody may',
    note,
  ]);
  const count = `${engineRestOperations.length} operations.`;
  const table = markdownTable(['Operation', 'Procedures', 'Different'], rows);
  return `${pageHead('The REST dialect of Camunda 7', introduction)}\n${count}\n\n${table}\n`;
}
