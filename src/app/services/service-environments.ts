/**
 * The configuration of the four services as one: where each finds the others, and a key of its own for
 * each pair, which opens just what the one asks of the other. Pure, but for the secrets that it is given.
 */
import { createHash, createHmac } from 'node:crypto';
import { type ServiceName, serviceNames, services } from './topology.ts';

/** Environment variables of one process. */
export type Environment = Readonly<Record<string, string>>;

/** The environment of each service, to be laid over what its process needs otherwise. */
export function serviceEnvironments(options: {
  /** Everything that is secret between the services is derived from this. At least 32 characters. */
  readonly secret: string;
  /** @defaultValue the ports of the plan */
  readonly ports?: Readonly<Partial<Record<ServiceName, number>>>;
}): Readonly<Record<ServiceName, Environment>> {
  const { secret, ports = {} } = options;
  const derived = (purpose: string) => createHmac('sha256', secret).update(purpose).digest('hex');
  const portOf = (name: ServiceName) => ports[name] ?? services[name].port;
  const keyOf = (holder: ServiceName, at: ServiceName) => derived(`key ${holder} at ${at}`);
  const entries = serviceNames.map((own): readonly [ServiceName, Environment] => {
    const { asks, tells, forwards } = services[own];
    const asked = Object.keys(asks) as ServiceName[];
    const called = new Set([...asked, ...tells, ...forwards.map(({ to }) => to)]);
    const heard = serviceNames.filter((name) => services[name].tells.includes(own));
    const holders = serviceNames.flatMap((holder) => {
      const only = services[holder].asks[own];
      const digest = createHash('sha256').update(keyOf(holder, own)).digest('hex');
      return only ? [`${services[holder].integration}:service:${digest}:${only.join('+')}`] : [];
    });
    const list = (names: Iterable<ServiceName>, value: (name: ServiceName) => string) =>
      [...names].map((name) => `${services[name].integration}=${value(name)}`).join(',');
    const values = {
      PORT: String(portOf(own)),
      ORDERLOOM_SERVICE: own,
      ORDERLOOM_SERVICE_URLS: list(called, (name) => `http://127.0.0.1:${portOf(name)}`),
      ORDERLOOM_SERVICE_KEYS: list(asked, (name) => keyOf(own, name)),
      ORDERLOOM_SERVICE_SECRETS: list([...tells, ...heard], (name) =>
        derived(`events ${[own, name].sort().join(' ')}`),
      ),
      ORDERLOOM_API_KEYS: holders.join(','),
      ORDERLOOM_TOKEN_SECRETS: derived('tokens'),
      PAYMENT_WEBHOOK_SECRETS: derived('webhook payment'),
      DELIVERY_WEBHOOK_SECRETS: derived('webhook delivery'),
    };
    return [own, Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''))];
  });
  return Object.fromEntries(entries) as Record<ServiceName, Environment>;
}
