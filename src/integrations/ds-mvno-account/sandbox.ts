/** The sandbox of the domain of accounts. A void account can be created again. */
import type { Handlers } from '../sandbox/contract-server.ts';
import {
  conflict,
  notThere,
  type RecordPlay,
  type RecordTools,
} from '../sandbox/record-sandbox.ts';
import type { components, operations } from './generated/openapi.ts';
import { contract } from './provider.ts';

type Account = components['schemas']['Account'];

function handlers(tools: RecordTools): Handlers<operations> {
  const accounts = tools.records<Account>('accounts');
  const noAccount = (id: string) => notThere(`expected an account, found none with id ${id}`);
  return {
    getAccount({ path }) {
      const account = accounts.get(path.accountId);
      return account ? { status: 200, body: account } : noAccount(path.accountId);
    },
    createAccount: (request) =>
      tools.once(request, () => {
        const account: Account = request.body;
        if (accounts.get(account.accountId)?.status === 'ACTIVE') {
          const message = `expected a new account, found ${account.accountId} there already`;
          return { answer: conflict('ACCOUNT_EXISTS', message) };
        }
        return {
          answer: { status: 201, body: account } as const,
          keep: [accounts.put(account.accountId, account)],
        };
      }),
    updateAccount: (request) =>
      tools.once(request, () => {
        const account = accounts.get(request.path.accountId);
        if (!account) return { answer: noAccount(request.path.accountId) };
        const updated: Account = { ...account, ...request.body };
        return {
          answer: { status: 200, body: updated } as const,
          keep: [accounts.put(account.accountId, updated)],
        };
      }),
  };
}

/** The played system. */
export const dsMvnoAccountPlay: RecordPlay = {
  name: 'ds-mvno-account',
  contract,
  kinds: ['accounts'],
  handlers,
};
