/** The public face of webhook forwarding. */
export { webhookReceived } from './events.ts';
export { webhookForwardingModule } from './module.ts';
