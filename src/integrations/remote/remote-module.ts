/**
 * A service as a module of this program: its procedures, its events, and the webhook at which the events
 * arrive. A process cannot tell it from a module that runs here.
 *
 * Names are those of the service, either with its own name in front (`gift-cards.issueCard`) or without
 * (`payments.create-session`), where the service is one of ours and the same module may run here too.
 */
import { z } from 'zod';
import { defineError, refuse } from '../../kernel/errors.ts';
import type { EventDefinition } from '../../kernel/event.ts';
import { defineModule, type ModuleDefinition } from '../../kernel/module.ts';
import { defineTransactional, type ExternalProcedure } from '../../kernel/procedure.ts';
import type { WebhookDefinition } from '../../kernel/webhook.ts';
import type { RemoteEvent, RemoteService } from './service.ts';

/** How the service appears here. */
export interface RemoteModuleOptions {
  readonly service: RemoteService;
  /** Connected ones; see `connectService`. */
  readonly procedures: readonly ExternalProcedure[];
  /** True: names come without the service's own. */
  readonly ownNames: boolean;
  /** True: events are taken in at `POST /webhooks/<service>`. */
  readonly receivesEvents: boolean;
}

/** Makes the module. */
export function remoteModule(options: RemoteModuleOptions): ModuleDefinition {
  const { service, ownNames, receivesEvents } = options;
  const nameOf = (name: string) => (ownNames ? name.slice(service.name.length + 1) : name);
  const procedures = options.procedures.map((one) => ({ ...one, name: nameOf(one.name) }));
  const errors = new Map(
    procedures.flatMap((one) => one.errors.map((error) => [error.code, error] as const)),
  );
  if (!receivesEvents || service.events.length === 0) {
    return defineModule({
      name: service.name,
      summary: `${service.title}, called over HTTP`,
      procedures,
      events: [],
      errors: [...errors.values()],
    });
  }
  const events = service.events.map((event) => ({ ...event, name: nameOf(event.name) }));
  const receiving = receiveEvent(service.name, events);
  return defineModule({
    name: service.name,
    summary: `${service.title}, called over HTTP`,
    procedures: [...procedures, receiving.procedure],
    events,
    errors: [...errors.values(), ...receiving.procedure.errors],
    webhooks: [receiving.webhook],
  });
}

/** Only a CloudEvent's id is sure to be that of the delivery; elsewhere `id` may be that of a thing. */
const identified = z.looseObject({
  specversion: z.literal('1.0'),
  id: z.string().min(1).max(150),
});

/** The event is recorded here as if it had happened here, in one transaction with the receipt. */
function receiveEvent(service: string, events: readonly (RemoteEvent & EventDefinition)[]) {
  const prefix = service.replaceAll('-', '_').toUpperCase();
  const eventUnknown = defineError({
    code: `${prefix}_EVENT_UNKNOWN`,
    status: 422,
    title: `What came is no event of ${service} that is known here.`,
  });
  const eventAmbiguous = defineError({
    code: `${prefix}_EVENT_AMBIGUOUS`,
    status: 422,
    title: `What came fits several events of ${service}.`,
  });
  const name = `${service}.receive-event`;
  const procedure = defineTransactional({
    name,
    summary: `Take in an event of ${service}`,
    description: 'Called for verified webhooks. The same delivery twice acts once.',
    input: z.record(z.string(), z.unknown()),
    output: z.object({ event: z.string() }),
    access: ['service'],
    errors: [eventUnknown, eventAmbiguous],
    emits: events,
    async execute(context, body) {
      const fitting = events.filter((event) => event.body.safeParse(body).success);
      const [event] = fitting;
      if (!event) return refuse(eventUnknown, unknownDetail(events, body));
      if (fitting.length > 1) {
        const names = fitting.map((one) => one.name).join(' and ');
        return refuse(
          eventAmbiguous,
          `expected a body that fits one event, found one for ${names}`,
        );
      }
      const payload = event.payloadIn === null ? body : body[event.payloadIn];
      await context.emit(event, payload);
      return { event: event.name };
    },
  });
  const webhook: WebhookDefinition = {
    name: service,
    summary: `${service} reports what happened there`,
    procedure: name,
    deliveryId: (body) => identified.safeParse(body).data?.id ?? null,
  };
  return { procedure, webhook };
}

function unknownDetail(
  events: readonly EventDefinition[],
  body: Readonly<Record<string, unknown>>,
): string {
  const known = events.map(({ name }) => name).join(', ');
  const said = typeof body.type === 'string' ? `one of type "${body.type}"` : 'another body';
  return `expected an event that fits the document kept of the service (${known}), found ${said}; run \`orderloom integrate --check\``;
}
