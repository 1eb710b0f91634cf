/**
 * The steps of a billing order, as its status shows them, each with the progress that is reached when it
 * begins. Orders of one kind take the steps in this order; a step that another kind has is left out. Of two
 * that are taken side by side the status shows the one that lasts: lines, not promotions.
 */

/** Percent of the way, by step. */
export const stepProgress = {
  START: 0,
  LOAD_ORDER: 5,
  CREATE_ACCOUNT: 20,
  EVALUATE_CHANGE: 20,
  APPLY_PROMOTIONS: 40,
  ACTIVATE_LINE: 45,
  APPLY_CHANGE: 45,
  TAKE_PAYMENT: 60,
  CREATE_BILLER_ORDER: 65,
  SUBMIT_BILLING_ORDER: 70,
  AWAIT_WRITEBACK: 80,
  SYNC_ORDER: 90,
  DONE: 100,
} as const satisfies Readonly<Record<string, number>>;

/** A step of a billing order. */
export type BillingStep = keyof typeof stepProgress;

/** Every step, for schemas. */
export const billingSteps = Object.keys(stepProgress) as [BillingStep, ...BillingStep[]];

/** How long an order takes before any was seen to end: a quarter of an hour. */
const plannedMs = 15 * 60_000;

/**
 * When an order at this progress should be done, if the rest takes its share of the usual time. `usualMs`
 * is what orders of its kind took lately; null when none has ended.
 */
export function estimatedCompletion(options: {
  readonly progress: number;
  readonly updatedAt: Date;
  readonly usualMs: number | null;
}): Date {
  const { progress, updatedAt, usualMs } = options;
  const leftMs = ((usualMs ?? plannedMs) * (100 - progress)) / 100;
  return new Date(updatedAt.getTime() + Math.round(leftMs));
}
