/**
 * The contract suite of the mail port: what every transport must do. A transport's test calls it
 * with a mail system that keeps what it takes.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../kernel/ids.ts';
import type { Mail, MailTransport } from '../../modules/notifications/provider.ts';

/** What the suite needs of a test mail system. */
export interface MailTransportHarness {
  readonly transport: MailTransport;
  /** An address whose mailbox does not exist. */
  readonly rejectedAddress: string;
  /** What arrived, in the order of its arrival. */
  arrived(): readonly Pick<Mail, 'messageId' | 'subject' | 'text'>[];
  stop(): Promise<void>;
}

/** A mail with characters that need encoding, and lines of every length. */
export function mailTo(to: string): Mail {
  return {
    messageId: `${newId()}@orderloom.example`,
    to,
    subject: 'Ihre Bestellung für 99,99 € ist bestätigt – vielen Dank, Ada Übermaß!',
    text: `Grüße,\n\n.A line that begins with a dot\n${'long '.repeat(60).trim()}\nYour order\n`,
  };
}

/** Declares the tests of the port for one transport. */
export function describeMailTransport(
  name: string,
  start: () => Promise<MailTransportHarness>,
): void {
  describe(`mail transport contract: ${name}`, () => {
    let harness: MailTransportHarness;
    beforeAll(async () => {
      harness = await start();
    });
    afterAll(() => harness.stop());
    const signal = () => AbortSignal.timeout(60_000);

    test('hands a mail over unchanged, with its message id', async () => {
      const mail = mailTo('ada@customer.example');
      expect(await harness.transport.send(mail, { signal: signal() })).toEqual({
        status: 'accepted',
      });
      const { messageId, subject, text } = mail;
      expect(harness.arrived().at(-1)).toMatchObject({ messageId, subject, text });
    });

    test('returns that a mailbox does not exist', async () => {
      const before = harness.arrived().length;
      const mail = mailTo(harness.rejectedAddress);
      expect(await harness.transport.send(mail, { signal: signal() })).toEqual({
        status: 'rejected',
        reason: expect.any(String),
      });
      expect(harness.arrived()).toHaveLength(before);
    });

    test('returns that an address is none', async () => {
      const result = await harness.transport.send(mailTo('not an address'), { signal: signal() });
      expect(result).toMatchObject({ status: 'rejected' });
    });

    test('does not let a subject add headers', async () => {
      const mail = { ...mailTo('ada@customer.example'), subject: 'Hello\r\nBcc: eve@evil.example' };
      await harness.transport.send(mail, { signal: signal() });
      expect(harness.arrived().at(-1)?.subject).toContain('Bcc: eve@evil.example');
    });
  });
}
