/** Webhooks in: what a module says of the callbacks that an outside system sends to it. */

/** One webhook: where it is served, who receives it, and how its repeats are recognised. */
export interface WebhookDefinition {
  /** The last part of the path: `payment` is served at `POST /webhooks/payment`. */
  readonly name: string;
  readonly summary: string;
  /**
   * The transactional procedure that receives the verified body. Its input schema validates the
   * body.
   */
  readonly procedure: string;
  /**
   * The sender's own id of this delivery, by which repeats are recognised. When it returns null, the
   * body's digest serves, so that the very same body acts once.
   */
  readonly deliveryId: (body: unknown) => string | null;
}
