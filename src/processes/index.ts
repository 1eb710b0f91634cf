/** Every process of the program. A released version stays here as long as instances may be on it. */
import type { Workflow } from '../engine/index.ts';
import { markOrderRefunded } from './ecommerce/mark-order-refunded.ts';
import { processOrder } from './ecommerce/process-order.ts';
import { refundLatePayment } from './ecommerce/refund-late-payment.ts';
import { forwardWebhook } from './services/forward-webhook.ts';

export { readShippedDrawings } from './drawings.ts';
export { forwardWebhook, markOrderRefunded, processOrder, refundLatePayment };

/** What the engine deploys. */
export const workflows: readonly Workflow[] = [processOrder, refundLatePayment, markOrderRefunded];
