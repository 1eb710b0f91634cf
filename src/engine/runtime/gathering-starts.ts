/**
 * Processes that begin when several messages have come: the first one begins an instance, which then waits for the
 * others like any wait. Whether a message is the first one or goes to an instance that waits already is
 * decided in the transaction of the fact, one fact of the same correlation values after the other over all
 * nodes. So two that come at the same moment make one instance.
 */
import { payloadKey, signatureOf } from '../model/correlation.ts';
import { definitionsIn, type MessageEventDefinition } from '../model/event-definitions.ts';
import type { StartEvent } from '../model/process-model.ts';
import type { Statements } from '../store/commit-group.ts';
import { suspendedStates } from '../store/instance-store.ts';

/** A message at a start event that needs several. */
export interface GatheringFact {
  readonly process: string;
  readonly start: StartEvent;
  /** Which of the definitions of the start event it is, when there are several. */
  readonly part: number | undefined;
  readonly fact: { readonly id: string; readonly name: string; readonly payload: unknown };
}

/**
 * True when the message goes to an instance that began before, where it is to be kept for its wait; false when it
 * begins one. A message without the fields by which it would be found begins one, where a person sees it.
 */
export async function goesToOther(
  tx: Statements,
  { process, start, part = 0, fact }: GatheringFact,
): Promise<boolean> {
  const definition = definitionsIn(start.event)[part];
  if (definition?.type !== 'message') return false;
  const signature = signatureOf(definition.correlation.map(({ field }) => field));
  const key = payloadKey(signature, fact.payload);
  if (key === null) return false;
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [
    `engine gathering ${process} ${valuesOf(definition, fact.payload)}`,
  ]);
  const { rows } = await tx.query<{ known: boolean; free: number }>(
    `select exists (select from engine.message m where m.id = $4 and m.process = $3) as known,
            ((select count(*) from engine.message_wait w
               where w.message = $1 and w.key = $2 and w.process = $3)
             - (select count(*) from engine.message m
                 where m.name = $1 and m.key = $2 and m.process = $3 and m.taken_at is null))::int
              as free`,
    [fact.name, key, process, fact.id],
  );
  const [found = { known: false, free: 0 }] = rows;
  if (found.known || found.free > 0) return true;
  // Waits of suspended instances have no rows, and are there again when they are resumed.
  const suspended = (await suspendedStates(tx, process)).flatMap(({ elements }) =>
    Object.values(elements).flatMap(({ waits = [] }) =>
      waits.filter(
        (wait) => wait.kind === 'message' && wait.message === fact.name && wait.key === key,
      ),
    ),
  );
  return found.free + suspended.length > 0;
}

/** The values of the correlation, whatever the fields of this message are called. */
function valuesOf({ correlation }: MessageEventDefinition, payload: unknown): string {
  const fields = payload as Readonly<Record<string, unknown>>;
  const values = correlation.map(({ field, value }) => `${value.source}=${String(fields[field])}`);
  return values.sort().join('&');
}
