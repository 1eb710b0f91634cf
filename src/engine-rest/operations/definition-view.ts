/** Versions of processes as this dialect writes them. */
import { definitionId } from '../definition-ids.ts';

/** A row of `process-definitions.list`. */
export interface Definition {
  readonly process: string;
  readonly version: number;
  readonly name: string;
  readonly source: 'code' | 'drawing';
  readonly deployedAt: string;
  readonly deployedBy: string | null;
  readonly file: string | null;
  readonly versionTag: string | null;
}

/** A version for the client. */
export function definitionView(definition: Definition) {
  const id = definitionId(definition);
  return {
    id,
    key: definition.process,
    category: null,
    description: null,
    name: definition.name,
    version: definition.version,
    resource: definition.file ?? `${definition.process}.bpmn`,
    deploymentId: definition.source === 'drawing' ? id : null,
    diagram: `${definition.process}.v${definition.version}.svg`,
    suspended: false,
    tenantId: null,
    versionTag: definition.versionTag,
    historyTimeToLive: null,
    startableInTasklist: true,
  };
}
