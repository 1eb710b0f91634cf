/** The mail client against its sandbox, over real SMTP: the port's contract, then every fault. */
import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../kernel/clock.ts';
import { describeMailTransport, mailTo } from '../port-suites/mail-transport-suite.ts';
import { control, recordingLog } from '../sandbox/test-support.ts';
import type { MailConfig } from './config.ts';
import { smtpMailTransport } from './provider.ts';
import { startMailSandbox } from './sandbox/sandbox.ts';

const log = recordingLog();
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function connect(smtpUrl: string, more: Partial<MailConfig> = {}) {
  const transport = smtpMailTransport(
    {
      smtpUrl,
      name: 'sandbox',
      timeoutMs: 10_000,
      retry: { attempts: 3, baseDelayMs: 1, maxDelayMs: 5 },
      ...more,
    },
    { log },
  );
  closing.push(transport.close);
  return transport;
}

async function start() {
  const sandbox = await startMailSandbox({ log, clock: systemClock });
  closing.push(sandbox.stop);
  const faults = (body: unknown) => control(sandbox.url, 'PUT', '/sandbox/faults', body);
  return { sandbox, faults, transport: connect(sandbox.smtpUrl) };
}

const mail = mailTo('ada@customer.example');
const call = () => ({ signal: AbortSignal.timeout(60_000) });

describeMailTransport('smtp', async () => {
  const sandbox = await startMailSandbox({ log, clock: systemClock });
  const transport = smtpMailTransport({ smtpUrl: sandbox.smtpUrl }, { log });
  return {
    transport,
    rejectedAddress: 'nobody@rejected.example',
    arrived: () => sandbox.inspect().mails,
    async stop() {
      await transport.close();
      await sandbox.stop();
    },
  };
});

test('a server that says "not now" is asked again', async () => {
  const { sandbox, faults, transport } = await start();
  await faults({ failNext: 2 });
  expect(await transport.send(mail, call())).toEqual({ status: 'accepted' });
  expect(sandbox.inspect().mails).toHaveLength(1);
  await faults({ failNext: 3 });
  await expect(transport.send(mail, call())).rejects.toMatchObject({
    name: 'RetryableFault',
    code: 'MAIL_UNAVAILABLE',
    outcomeUnknown: false,
  });
});

test('silence after the mail was taken leaves the outcome unknown, and is not sent twice', async () => {
  const { sandbox, faults } = await start();
  await faults({ timeoutAfterCommitNext: 1 });
  const impatient = connect(sandbox.smtpUrl, { timeoutMs: 500 });
  await expect(impatient.send(mail, call())).rejects.toMatchObject({
    code: 'MAIL_TIMEOUT',
    outcomeUnknown: true,
  });
  expect(sandbox.inspect().mails).toHaveLength(1);
});

test('a mail that is sent twice is kept twice, under one message id', async () => {
  const { sandbox, transport } = await start();
  await transport.send(mail, call());
  await transport.send(mail, call());
  const ids = sandbox.inspect().mails.map(({ messageId }) => messageId);
  expect(ids).toEqual([mail.messageId, mail.messageId]);
});

test('mails are seen over HTTP, all or those to one address', async () => {
  const { sandbox, transport } = await start();
  await transport.send(mail, call());
  await transport.send(mailTo('bob@customer.example'), call());
  const get = (path: string) => control(sandbox.url, 'GET', path);
  const [first] = sandbox.inspect().mails;
  expect(await get('/sandbox/mails')).toMatchObject({ body: { mails: [{}, {}] } });
  expect(await get('/sandbox/mails?to=ada@customer.example')).toEqual({
    status: 200,
    body: { mails: [first] },
  });
  expect(await get(`/sandbox/mails/${first?.id}`)).toMatchObject({ status: 200, body: first });
  expect(await get('/sandbox/mails/none')).toMatchObject({ status: 404 });
});

test('a server that is not there was certainly not given the mail', async () => {
  const { sandbox } = await start();
  const { smtpUrl } = sandbox;
  await sandbox.stop();
  closing.splice(0, 1);
  await expect(connect(smtpUrl).send(mail, call())).rejects.toMatchObject({
    code: 'MAIL_UNREACHABLE',
    outcomeUnknown: false,
  });
});

test('a server that never greets was certainly not given the mail', async () => {
  const silent: Server = createServer((socket) => closing.push(async () => socket.destroy()));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  closing.push(() => new Promise((resolve) => silent.close(resolve)));
  const address = silent.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const transport = connect(`smtp://127.0.0.1:${port}`, {
    connectTimeoutMs: 50,
    retry: { attempts: 1 },
  });
  await expect(transport.send(mail, call())).rejects.toMatchObject({
    code: 'MAIL_TIMEOUT',
    outcomeUnknown: false,
  });
});

test('a user whom the server does not know is for a person to mend, without the password', async () => {
  const { sandbox } = await start();
  const url = sandbox.smtpUrl.replace('smtp://', 'smtp://ada:a-password@');
  const fault = await connect(url)
    .send(mail, call())
    .catch((error: unknown) => error);
  expect(fault).toMatchObject({ name: 'TerminalFault', code: 'MAIL_UNAUTHORIZED' });
  expect(String(fault)).not.toContain('a-password');
});

test('a caller who gives up leaves the outcome unknown', async () => {
  const { faults, transport } = await start();
  await faults({ latencyMs: 5_000 });
  const stopping = new AbortController();
  const sent = transport.send(mail, { signal: stopping.signal });
  stopping.abort();
  await expect(sent).rejects.toMatchObject({ code: 'MAIL_CALL_ABORTED' });
});

test('a port that is taken is told, and nothing is left running', async () => {
  const { sandbox } = await start();
  const smtpPort = Number(new URL(sandbox.smtpUrl).port);
  const second = startMailSandbox({ log, clock: systemClock, smtpPort });
  await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' });
  const port = Number(new URL(sandbox.url).port);
  const third = startMailSandbox({ log, clock: systemClock, port });
  await expect(third).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

test('settings that do not fit are refused with the field', () => {
  expect(() => connect('https://mail.example')).toThrow(/smtpUrl/);
});
