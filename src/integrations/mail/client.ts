/**
 * The SMTP client: one attempt to hand over one mail. Guarantees that what goes wrong is told
 * apart: a mail that the server will never take is an answer, a server that cannot be reached or
 * says "not now" is a fault after which certainly nothing was sent, and silence after the
 * connection stood leaves the outcome unknown. Fault codes begin with `MAIL_`; neither the
 * password nor the mail's text is in any message.
 */
import { createTransport } from 'nodemailer';
import { z } from 'zod';
import { RetryableFault, TerminalFault } from '../../kernel/errors.ts';
import type { Mail, MailResult } from '../../modules/notifications/provider.ts';
import type { MailSettings } from './config.ts';

/** Hands mails to one SMTP server. */
export interface SmtpClient {
  /** One attempt. */
  handOver(mail: Mail, signal: AbortSignal): Promise<MailResult>;
  close(): void;
}

/** What nodemailer says of a failure. */
const failureShape = z.object({
  code: z.string().default(''),
  message: z.string().default(''),
  /** The system's code behind `ESOCKET`, e.g. `ECONNREFUSED`. */
  originalCode: z.string().optional(),
  /** Which phase took too long. */
  timeoutType: z.string().optional(),
  response: z.string().optional(),
  responseCode: z.number().optional(),
});
type Failure = z.infer<typeof failureShape>;

const neverSentCodes = new Set(['EDNS', 'ETLS', 'EAUTH', 'ENOAUTH', 'EREQUIRETLS', 'EPROXY']);
const neverSentSystemCodes = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
const neverSentTimeouts = new Set(['CONNECT_TIMEOUT', 'GREETING_TIMEOUT', 'UPGRADE_TIMEOUT']);
const longestQuoted = 300;

/**
 * Connects for each mail anew: a mail in a minute must not depend on a connection of an hour ago.
 */
export function smtpClient(settings: MailSettings): SmtpClient {
  const transport = createTransport({
    url: settings.smtpUrl,
    connectionTimeout: settings.connectTimeoutMs,
    greetingTimeout: settings.connectTimeoutMs,
    socketTimeout: settings.timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async handOver(mail, signal) {
      const timeout = AbortSignal.timeout(settings.timeoutMs);
      try {
        await transport.sendMail({
          from: settings.from,
          to: mail.to,
          subject: mail.subject,
          text: mail.text,
          messageId: `<${mail.messageId}>`,
          signal: AbortSignal.any([signal, timeout]),
        });
        return { status: 'accepted' };
      } catch (error) {
        const failure = failureShape.parse(error);
        return resultOf(failure, {
          cause: error,
          gaveUp: signal.aborted && !timeout.aborted ? signal.reason : null,
          timeoutMs: settings.timeoutMs,
        });
      }
    },
    close: () => transport.close(),
  };
}

/** Gives the answer that a failure is, or throws the fault. */
function resultOf(
  failure: Failure,
  { cause, gaveUp, timeoutMs }: { cause: unknown; gaveUp: unknown; timeoutMs: number },
): MailResult {
  const { code, responseCode, response = failure.message } = failure;
  const said = response.slice(0, longestQuoted);
  if (code === 'EAUTH' && (responseCode === undefined || responseCode >= 500)) {
    const message = `the mail server does not accept the user and password: ${said}; correct SMTP_URL`;
    throw new TerminalFault('MAIL_UNAUTHORIZED', message, { cause });
  }
  if (responseCode !== undefined && responseCode < 500) {
    throw new RetryableFault('MAIL_UNAVAILABLE', `the mail server said: ${said}`, { cause });
  }
  if ((responseCode !== undefined && code !== 'EPROTOCOL') || code === 'EENVELOPE') {
    return { status: 'rejected', reason: said };
  }
  const neverSent =
    neverSentCodes.has(code) ||
    neverSentSystemCodes.has(failure.originalCode ?? '') ||
    neverSentTimeouts.has(failure.timeoutType ?? '');
  const options = { cause, outcomeUnknown: !neverSent };
  if (gaveUp !== null && !(gaveUp instanceof Error && gaveUp.name === 'TimeoutError')) {
    throw new RetryableFault('MAIL_CALL_ABORTED', 'the caller gave up on a mail', options);
  }
  if (code === 'EABORT' || code === 'ETIMEDOUT') {
    const message = `expected the mail server to take a mail within ${timeoutMs} ms, it did not`;
    throw new RetryableFault('MAIL_TIMEOUT', message, options);
  }
  const message = `the mail server cannot be reached (${failure.originalCode ?? code}); check SMTP_URL`;
  throw new RetryableFault('MAIL_UNREACHABLE', message, options);
}
