/** One instance, as operations read it. */
import type { RestRequest } from '../operation.ts';
import { missing, RestError } from '../rest-error.ts';
import type { InstanceDetails } from './instance-view.ts';

/** An instance with its history from an entry on; null when there is none, or it is not shown to who asks. */
export async function readInstance(
  request: RestRequest,
  instanceId: string,
  from = 1,
): Promise<InstanceDetails | null> {
  try {
    return await request.run<InstanceDetails>('processes.get', { instanceId, from });
  } catch (error) {
    if (error instanceof RestError && (error.status === 404 || error.status === 400)) return null;
    throw error;
  }
}

/** The open instance that the path names, as every operation on one expects it; throws 404 without one. */
export async function openInstance(request: RestRequest): Promise<InstanceDetails> {
  const { id = '' } = request.params;
  const found = await readInstance(request, id);
  if (found && found.endedAt === null) return found;
  throw missing(`Process instance with id ${id} does not exist`);
}
