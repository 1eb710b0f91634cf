/** The list of users for admins, newest first. */
import { cursorValue, type Page, toPage } from '../../kernel/page.ts';
import type { ReadContext } from '../../kernel/procedure.ts';
import { readUserPage, type UserFilter } from './store.ts';
import type { User } from './user.ts';

/** One page of users. Ids are UUIDv7, so their order is the order of registration. */
export async function listUsers(
  context: ReadContext,
  input: UserFilter & { limit: number; cursor?: string | undefined },
): Promise<Page<User>> {
  const { users, counted } = await readUserPage(context.tx, {
    filter: { role: input.role, email: input.email },
    afterId: cursorValue(input.cursor),
    limit: input.limit,
  });
  return toPage({
    rows: users,
    limit: input.limit,
    counted,
    cursorOf: (user) => [user.id],
    itemOf: (user) => user,
  });
}
