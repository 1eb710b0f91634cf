/** The public face of the billing orders module. */
export { billingOrdersModule } from './module.ts';
export type { BillingOrdersOptions, Workflows } from './ports.ts';
export type { BillingSystems } from './provider.ts';
