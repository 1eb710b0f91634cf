/**
 * The port to a mail system. Mails are carried by whoever implements it; nothing in this module knows
 * a vendor.
 *
 * What every implementation guarantees: an address or message that the system will never take is
 * *returned* as `rejected`; the world failing is *thrown* (`RetryableFault`, with `outcomeUnknown`
 * when the message may have been taken although no answer came). The message id is sent unchanged,
 * so that a mail that was sent twice is recognisable as one.
 */

/** One mail to one recipient. */
export interface Mail {
  /** `Message-ID` header without the angle brackets; derived from our notification, never random. */
  readonly messageId: string;
  readonly to: string;
  readonly subject: string;
  /** Plain text, lines ending in `\n`. */
  readonly text: string;
}

/** A certain answer; an uncertain one is a fault. */
export type MailResult =
  | { readonly status: 'accepted' }
  | { readonly status: 'rejected'; readonly reason: string };

/** A mail system. */
export interface MailTransport {
  /** Short lower-case name, e.g. `smtp`; kept with each notification. */
  readonly name: string;
  /** Hands one mail over. */
  send(mail: Mail, call: { readonly signal: AbortSignal }): Promise<MailResult>;
}
