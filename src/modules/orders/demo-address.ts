/**
 * The address on file of the demo user. The curl lines of the reference order physical goods without
 * an address; in demo mode, and only there, such an order is sent here.
 */
import type { Address } from './address.ts';

/** Where the orders of the demo user go when they name no address. */
export const demoAddress: Address = Object.freeze({
  name: 'Demo Customer',
  line1: '1 Example Street',
  city: 'Springfield',
  postalCode: '62701',
  state: 'IL',
  country: 'US',
});
