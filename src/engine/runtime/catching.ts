/** Which of several events catches a code that was thrown, an error's or an escalation's. */
import { definitionsIn, type EventDefinitionModel } from '../model/event-definitions.ts';

/** The first event that catches the code, exact codes before catch-alls; undefined when none does. */
export function catching<Event extends { readonly event: EventDefinitionModel | null }>(
  events: readonly Event[],
  thrown: { readonly type: 'error' | 'escalation'; readonly code: string },
): Event | undefined {
  const catches = (wanted: string | undefined) =>
    events.find(({ event }) =>
      definitionsIn(event).some((one) => one.type === thrown.type && one.code === wanted),
    );
  return catches(thrown.code) ?? catches(undefined);
}
