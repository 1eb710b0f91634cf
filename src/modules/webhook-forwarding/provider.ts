/** The port to the service that owns a webhook: how a delivery that was taken in here gets there. */

/** One delivery, as it is passed on. */
export interface ForwardedWebhook {
  /** The webhook's name at the owner, the last part of its path. */
  readonly webhook: string;
  /** The body as text; the same on every attempt, so that the owner recognises a repeat. */
  readonly body: string;
}

/** What the owner answered. Everything else is thrown as a fault. */
export type ForwardingAnswer =
  | { readonly status: 'taken'; readonly duplicate: boolean }
  | { readonly status: 'refused'; readonly code: string; readonly detail: string };

/** Passes deliveries on, at least once. */
export interface WebhookOwner {
  forward(
    delivery: ForwardedWebhook,
    call: { readonly traceparent: string; readonly signal: AbortSignal },
  ): Promise<ForwardingAnswer>;
}
