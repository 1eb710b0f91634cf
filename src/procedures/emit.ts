/** Checks what a procedure emits, and turns it into an event as it is recorded. */
import { Bug } from '../kernel/errors.ts';
import type { EventDefinition, RecordedEvent } from '../kernel/event.ts';
import { newId } from '../kernel/ids.ts';
import type { Procedure } from '../kernel/procedure.ts';

/** The event as it will be recorded. An undeclared event or a wrong payload is a bug. */
export function recordedEvent(
  procedure: Procedure,
  event: EventDefinition,
  payload: unknown,
  at: { readonly occurredAt: Date; readonly traceId: string },
): RecordedEvent {
  if (!procedure.emits?.some(({ name }) => name === event.name)) {
    throw new Bug(
      `${procedure.name} emitted ${event.name}, which it does not declare; add it to its \`emits\``,
    );
  }
  const parsed = event.payload.safeParse(payload);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      ({ path, message }) => `/${path.join('/')}: ${message}`,
    );
    throw new Bug(
      `${procedure.name} emitted ${event.name} with a wrong payload: ${problems.join('; ')}`,
    );
  }
  return {
    id: newId(),
    name: event.name,
    version: event.version,
    key: event.key(parsed.data),
    payload: parsed.data,
    ...at,
  };
}
