/**
 * `orderloom grant <email> <roles...>`: gives roles to a registered user, straight in the database. This
 * is how the first admin is made: over the API it takes an admin to make another one.
 */
import { createOutbox } from '../../events/index.ts';
import { processCaller, type Role, roles } from '../../kernel/caller.ts';
import { systemClock } from '../../kernel/clock.ts';
import { isRefusal } from '../../kernel/errors.ts';
import { newTrace } from '../../kernel/tracing.ts';
import { usersModule } from '../../modules/users/index.ts';
import { createProcedureRunner } from '../../procedures/index.ts';
import { createLogger } from '../../telemetry/index.ts';
import { CommandError } from '../api-client.ts';
import { readConfig } from '../config.ts';
import { tokensOf } from '../modules.ts';
import { openData } from '../open-data.ts';
import { readSecrets } from '../secrets.ts';

interface FoundUser {
  readonly id: string;
  readonly roles: readonly Role[];
}

/** Adds the roles to those that the user has. */
export async function grant(
  env: NodeJS.ProcessEnv,
  email: string,
  wanted: readonly string[],
): Promise<void> {
  const granted = wanted.map(roleOf);
  const config = readConfig(env);
  const log = createLogger({ level: 'warn', pretty: true });
  const { database, dataFolder, close } = await openData(config, log);
  try {
    const tokens = tokensOf(await readSecrets(config, dataFolder), systemClock);
    const runner = createProcedureRunner({
      modules: [usersModule({ tokens })],
      database,
      outbox: createOutbox({ subscribers: [] }),
      clock: systemClock,
      log,
    });
    const ask = async <Answer>(procedure: string, input: unknown): Promise<Answer> => {
      const answer = await runner.run(procedure, input, {
        caller: processCaller,
        trace: newTrace(),
      });
      if (isRefusal(answer)) throw new CommandError(`${answer.detail} (${answer.code})`);
      return answer as Answer;
    };
    const { items } = await ask<{ items: readonly FoundUser[] }>('users.list', { email });
    const [user] = items;
    if (!user) {
      throw new CommandError(
        `expected the email of a registered user, found ${email}; register it first: POST /api/v1/users`,
      );
    }
    const all = [...new Set([...user.roles, ...granted])];
    const changed = await ask<FoundUser>('users.set-roles', { userId: user.id, roles: all });
    console.log(`${email} is now: ${changed.roles.join(', ')}. New log-ins have these roles.`);
  } finally {
    await close();
  }
}

/** `service` is no role of people: programs hold it by an API key. */
const ofPeople = roles.filter((role) => role !== 'service');

function roleOf(text: string): Role {
  const role = ofPeople.find((one) => one === text);
  if (role) return role;
  throw new CommandError(`expected roles out of ${ofPeople.join(', ')}; found "${text}"`);
}
