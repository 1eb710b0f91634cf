/** Reads and checks the configuration. A wrong or contradictory one stops the program at its start. */
import { ConfigError, type ConfigProblem } from './config-error.ts';
import { integratedServices } from './integrated-services.ts';
import { partOf, type ServiceName, serviceNames, services } from './services/topology.ts';
import { billingSystemNames } from './settings/outside-systems.ts';
import { type SettingName, type SettingValues, settings } from './settings.ts';

/** The checked configuration. */
export interface Config extends SettingValues {
  /** Whether demo mode is on. */
  readonly demo: boolean;
  /** Whether sandboxes stand in for outside systems that have no URL. */
  readonly sandboxes: boolean;
  /** Whether billing orders are taken: this part of the program has them, and their systems are there. */
  readonly billing: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

const dataSettings = [
  'DATABASE_URL',
  'DATABASE_MAX_CONNECTIONS',
  'ORDERLOOM_DATA',
  'PORT',
  'HOST',
] as const satisfies readonly SettingName[];

const loopback: readonly string[] = ['127.0.0.1', 'localhost', '::1'];

/** What must be set when the program is not in demo mode. */
const neededForReal = [
  'ORDERLOOM_TOKEN_SECRETS',
  'ORDERLOOM_ENCRYPTION_KEY',
  'ORDERLOOM_IDEMPOTENCY_SECRET',
  'PAYMENT_WEBHOOK_SECRETS',
  'DELIVERY_WEBHOOK_SECRETS',
] as const satisfies readonly SettingName[];

/** What only some services need: the owner of a webhook, and who takes it in for the owner. */
const neededIn: Readonly<Partial<Record<SettingName, readonly ServiceName[]>>> = {
  PAYMENT_WEBHOOK_SECRETS: ['order', 'payment'],
  DELIVERY_WEBHOOK_SECRETS: ['order', 'delivery'],
};

/** Whether this process needs the setting, as the service that it is. */
function isNeeded(name: SettingName, { ORDERLOOM_SERVICE: service }: SettingValues): boolean {
  return service === undefined || (neededIn[name]?.includes(service) ?? true);
}

/** Reads the configuration from environment variables; throws `ConfigError` with every problem. */
export function readConfig(env: Environment): Config {
  const { values, problems } = readValues(env, Object.keys(settings) as SettingName[]);
  problems.push(...unknownVariables(env));
  if (problems.length > 0) throw new ConfigError(problems);
  return decide(values as SettingValues);
}

/** Where the data is. */
export type DataSettings = Pick<SettingValues, (typeof dataSettings)[number]>;

/**
 * What is needed to look at the data and at nothing else: no secret and no outside system, which are not at hand
 * where a deployment is checked. Throws `ConfigError` with every problem of these.
 */
export function readDataSettings(env: Environment): DataSettings {
  const { values, problems } = readValues(env, dataSettings);
  if (problems.length > 0) throw new ConfigError(problems);
  return values as DataSettings;
}

function readValues(env: Environment, names: readonly SettingName[]) {
  const problems: ConfigProblem[] = [];
  const values: Partial<Record<SettingName, unknown>> = {};
  for (const name of names) {
    const given = env[name] === '' ? undefined : env[name];
    const parsed = settings[name].schema.safeParse(given);
    if (parsed.success) values[name] = parsed.data;
    else {
      const found = 'secret' in settings[name] ? 'another value (not shown)' : `"${given}"`;
      problems.push({
        variable: name,
        message: `${parsed.error.issues.map((issue) => issue.message).join('; ')}, found ${found}`,
      });
    }
  }
  return { values, problems };
}

/** A misspelt setting of ours would otherwise be silently without effect. */
function unknownVariables(env: Readonly<Record<string, string | undefined>>): ConfigProblem[] {
  const clientOnly = ['ORDERLOOM_URL', 'ORDERLOOM_TOKEN'];
  return Object.keys(env)
    .filter((name) => name.startsWith('ORDERLOOM_') && !(name in settings))
    .filter((name) => !clientOnly.includes(name))
    .map((variable) => ({ variable, message: 'no such setting; is it misspelt?' }));
}

function decide(values: SettingValues): Config {
  const real = signsOfRealUse(values);
  if (values.ORDERLOOM_DEMO === 'on' && real.length > 0) {
    throw new ConfigError([
      {
        variable: 'ORDERLOOM_DEMO',
        message:
          `demo mode gives requests without credentials the rights of demo users, and cannot go ` +
          `with ${real.join(' and ')}; remove one of the two`,
      },
    ]);
  }
  const demo =
    values.ORDERLOOM_DEMO === undefined ? real.length === 0 : values.ORDERLOOM_DEMO === 'on';
  const sandboxes =
    values.ORDERLOOM_SANDBOXES === undefined ? demo : values.ORDERLOOM_SANDBOXES === 'on';
  const billing =
    (sandboxes || values.BILLING_SYSTEM_URLS !== undefined) &&
    partOf(values.ORDERLOOM_SERVICE).has('billing-orders');
  const problems = [
    ...missing(values, demo),
    ...outsideProblems(values, sandboxes),
    ...serviceProblems(values),
    ...(billing ? billingProblems(values, { sandboxes, demo }) : []),
    ...kafkaProblems(values),
  ];
  if (problems.length > 0) throw new ConfigError(problems);
  return { ...values, demo, sandboxes, billing };
}

/** Settings that say that this is no demo. */
function signsOfRealUse(values: SettingValues): string[] {
  return [
    ...(values.DATABASE_URL === undefined ? [] : ['DATABASE_URL']),
    ...(loopback.includes(values.HOST) ? [] : [`HOST=${values.HOST}`]),
    ...(values.NODE_ENV === 'production' ? ['NODE_ENV=production'] : []),
  ];
}

function missing(values: SettingValues, demo: boolean): ConfigProblem[] {
  if (demo) return [];
  return neededForReal
    .filter((name) => values[name] === undefined && isNeeded(name, values))
    .map((variable) => ({
      variable,
      message: `expected a value, found none; outside demo mode it is needed (${settings[variable].summary})`,
    }));
}

function outsideProblems(values: SettingValues, sandboxes: boolean): ConfigProblem[] {
  const { has } = partOf(values.ORDERLOOM_SERVICE);
  const systems = [
    ['PAYMENT_GATEWAY_URL', 'PAYMENT_GATEWAY_KEY', 'payments'],
    ['COURIER_URL', 'COURIER_KEY', 'delivery'],
  ] as const;
  return systems.flatMap(([address, key, module]): ConfigProblem[] => {
    if (!has(module)) return [];
    if (values[address] !== undefined && values[key] === undefined) {
      return [{ variable: key, message: `expected a value, found none, but ${address} is set` }];
    }
    if (values[address] === undefined && !sandboxes) {
      return [
        {
          variable: address,
          message: 'expected a URL, found none; or set ORDERLOOM_SANDBOXES=on to use a sandbox',
        },
      ];
    }
    return [];
  });
}

/** A service that cannot reach those that it asks or tells would fail at its first order. */
function serviceProblems(values: SettingValues): ConfigProblem[] {
  const { ORDERLOOM_SERVICE: own } = values;
  const known = new Set(integratedServices.map(({ name }) => name));
  const named = [
    'ORDERLOOM_SERVICE_URLS',
    'ORDERLOOM_SERVICE_KEYS',
    'ORDERLOOM_SERVICE_SECRETS',
  ] as const;
  const unknown = named.flatMap((variable) =>
    Object.keys(values[variable] ?? {})
      .filter((name) => !known.has(name))
      .map((name) => ({
        variable,
        message: `expected services among ${[...known].join(', ')}, found "${name}"; run \`orderloom integrate\` first`,
      })),
  );
  if (own === undefined) return unknown;
  const { asks, tells, forwards } = services[own];
  const listenTo = serviceNames.filter((name) => services[name].tells.includes(own));
  const need = (variable: (typeof named)[number], peers: readonly ServiceName[]): ConfigProblem[] =>
    [...new Set(peers)]
      .map((peer) => services[peer].integration)
      .filter((name) => values[variable]?.[name] === undefined)
      .map((name) => ({ variable, message: `expected ${name}=…, found none; ${own} needs it` }));
  const asked = Object.keys(asks) as ServiceName[];
  return [
    ...unknown,
    ...need('ORDERLOOM_SERVICE_URLS', [...asked, ...tells, ...forwards.map(({ to }) => to)]),
    ...need('ORDERLOOM_SERVICE_SECRETS', [...tells, ...listenTo]),
  ];
}

/** Billing orders need all of their systems: each has an address and a key, or a sandbox. */
function billingProblems(
  values: SettingValues,
  { sandboxes, demo }: { readonly sandboxes: boolean; readonly demo: boolean },
): ConfigProblem[] {
  const { BILLING_SYSTEM_URLS: urls = {}, BILLING_SYSTEM_KEYS: keys = {} } = values;
  const all: readonly string[] = billingSystemNames;
  const unknown = (['BILLING_SYSTEM_URLS', 'BILLING_SYSTEM_KEYS'] as const).flatMap((variable) =>
    Object.keys(values[variable] ?? {})
      .filter((name) => !all.includes(name))
      .map((name) => ({
        variable,
        message: `expected names among ${all.join(', ')}, found "${name}"`,
      })),
  );
  const lacking = (variable: string, names: readonly string[], why: string) =>
    names.map((name) => ({ variable, message: `expected ${name}=…, found none; ${why}` }));
  const named = all.filter((name) => urls[name] !== undefined);
  return [
    ...unknown,
    ...lacking(
      'BILLING_SYSTEM_URLS',
      sandboxes ? [] : all.filter((name) => urls[name] === undefined),
      'or set ORDERLOOM_SANDBOXES=on to use a sandbox',
    ),
    ...lacking(
      'BILLING_SYSTEM_KEYS',
      named.filter((name) => keys[name] === undefined),
      'it has a URL',
    ),
    ...(named.length > 0 && !demo && values.BILLING_WEBHOOK_SECRETS === undefined
      ? [
          {
            variable: 'BILLING_WEBHOOK_SECRETS',
            message: 'expected a value, found none, but BILLING_SYSTEM_URLS is set',
          },
        ]
      : []),
  ];
}

function kafkaProblems(values: SettingValues): ConfigProblem[] {
  const both = ['KAFKA_USERNAME', 'KAFKA_PASSWORD'] as const;
  const absent = both.filter((name) => values[name] === undefined);
  return [
    ...(absent.length === 1
      ? absent.map((variable) => ({
          variable,
          message: 'expected a value, found none; user and password go together',
        }))
      : []),
    ...(values.KAFKA_CLUSTERS?.some(({ name }) => name === 'main') && values.KAFKA_BROKERS
      ? [
          {
            variable: 'KAFKA_CLUSTERS',
            message: 'expected other names than "main", which KAFKA_BROKERS has',
          },
        ]
      : []),
  ];
}
