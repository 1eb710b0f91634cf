/** The public face of the support module. */
export { ticketClosed, ticketOpened } from './events.ts';
export { supportModule } from './module.ts';
