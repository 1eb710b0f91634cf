/**
 * The notifications module's port over SMTP. A mail has no idempotency key, so it is tried again
 * here only when certainly nothing was sent; whoever sends it once more after a doubt sends the
 * same `Message-ID`.
 */
import type { MailTransport } from '../../modules/notifications/provider.ts';
import { type ResilientCallsOptions, resilientCalls } from '../transport/resilient-calls.ts';
import { smtpClient } from './client.ts';
import { type MailConfig, mailSettings } from './config.ts';

/** The port, and the closing of its connections. */
export interface ConnectedMailTransport extends MailTransport {
  close(): Promise<void>;
}

/** Makes the transport. Settings that do not fit are thrown as a `ZodError`. */
export function smtpMailTransport(
  config: MailConfig,
  tools: Pick<ResilientCallsOptions, 'log' | 'observer' | 'random'>,
): ConnectedMailTransport {
  const settings = mailSettings.parse(config);
  const client = smtpClient(settings);
  const calls = resilientCalls({
    ...tools,
    system: 'mail',
    codePrefix: 'MAIL',
    retry: settings.retry,
    breaker: settings.breaker,
  });
  return {
    name: settings.name,
    send: (mail, { signal }) =>
      calls.run(() => client.handOver(mail, signal), { repeatable: false, signal }),
    async close() {
      calls.close();
      client.close();
    },
  };
}
