/**
 * The mail sandbox: an SMTP server that keeps every mail that it takes, and shows them over HTTP.
 * Repeats are kept as well, so that a mail that was sent twice is seen twice. Faults strike the
 * taking of mails, as operation `sendMail`; recipients at `rejected.example` are refused.
 */
import { once } from 'node:events';
import { SMTPServer } from 'smtp-server';
import { assert } from '../../../kernel/errors.ts';
import { newId } from '../../../kernel/ids.ts';
import { loadContract } from '../../openapi/document.ts';
import type { Handlers } from '../../sandbox/contract-server.ts';
import type { Collection } from '../../sandbox/journal.ts';
import {
  type RunningSandbox,
  type SandboxOptions,
  type SandboxTools,
  startSandbox,
} from '../../sandbox/sandbox.ts';
import type { components, operations } from './generated/openapi.ts';
import { parseMail } from './parse-mail.ts';

/** A mail as it was taken. */
export type SandboxMail = components['schemas']['Mail'];

/** What the mail sandbox can be started with. */
export interface MailSandboxOptions extends SandboxOptions {
  /** @defaultValue 0, any free port */
  readonly smtpPort?: number;
}

/** A running mail sandbox. */
export interface MailSandbox extends RunningSandbox {
  /** What `SMTP_URL` is set to. */
  readonly smtpUrl: string;
  inspect(): { readonly mails: readonly SandboxMail[] };
}

const largestMailBytes = 10 * 1024 * 1024;
const refusedDomain = '@rejected.example';

/** Starts both servers; resolves when they take mails and calls. */
export async function startMailSandbox(options: MailSandboxOptions): Promise<MailSandbox> {
  const sandbox = await startSandbox({
    ...options,
    name: 'mail',
    control: loadContract(new URL('openapi.yaml', import.meta.url)),
    handlers: ({ journal }) => controlHandlers(journal.collection<SandboxMail>('mails')),
  });
  const { url, tools, sendCallbacksTo } = sandbox;
  const mails = tools.journal.collection<SandboxMail>('mails');
  const host = options.host ?? '127.0.0.1';
  const smtp = smtpServer(tools, mails);
  // Broken connections are the client's matter; a port that is taken is told below.
  smtp.on('error', (error) => tools.log.debug({ error }, 'the mail sandbox lost a connection'));
  const listening = once(smtp.server, 'listening');
  smtp.listen(options.smtpPort ?? 0, host);
  try {
    await listening;
  } catch (error) {
    await sandbox.stop();
    throw error;
  }
  const address = smtp.server.address();
  assert(address !== null && typeof address === 'object', 'a listening server has a port');
  return {
    url,
    sendCallbacksTo,
    smtpUrl: `smtp://${host}:${address.port}`,
    inspect: () => ({ mails: mails.values() }),
    async stop() {
      await new Promise<void>((resolve) => smtp.close(() => resolve()));
      await sandbox.stop();
    },
  };
}

function smtpServer(tools: SandboxTools, mails: Collection<SandboxMail>): SMTPServer {
  const { journal, faults, clock } = tools;
  return new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    size: largestMailBytes,
    closeTimeout: 100,
    onRcptTo({ address }, _session, done) {
      if (!address.toLowerCase().endsWith(refusedDomain)) return done();
      done(smtpError(550, `expected a mailbox that exists, found ${address}`));
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const fault = faults.forCall({ operationId: 'sendMail', changes: true, header: undefined });
        const take = () => {
          if (fault.status !== null) {
            done(smtpError(451, 'the sandbox was told to fail; nothing was taken'));
            return;
          }
          const mail: SandboxMail = {
            id: newId(),
            ...parseMail(Buffer.concat(chunks).toString('latin1')),
            to: session.envelope.rcptTo.map(({ address }) => address),
            receivedAt: clock.now().toISOString(),
          };
          journal.commit(mails.put(mail.id, mail));
          if (!fault.timeoutAfterCommit) done(null, `taken as ${mail.id}`);
        };
        void faults.delayed(clock, fault.latencyMs).then(take);
      });
    },
  });
}

function smtpError(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}

function controlHandlers(mails: Collection<SandboxMail>): Handlers<operations> {
  return {
    inspectMails({ query }) {
      const { to } = query;
      const found = mails.values().filter((mail) => to === undefined || mail.to.includes(to));
      return { status: 200, body: { mails: found } };
    },
    inspectMail({ path }) {
      const mail = mails.get(path.id);
      if (mail) return { status: 200, body: mail };
      const message = `expected a mail that was taken, found none with id ${path.id}`;
      return { status: 404, body: { code: 'NOT_FOUND', message } };
    },
  };
}
