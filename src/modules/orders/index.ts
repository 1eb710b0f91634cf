/** The public face of the orders module. */

export { type Address, addressSchema } from './address.ts';
export { demoAddress } from './demo-address.ts';
export * from './events.ts';
export { ordersModule } from './module.ts';
export { approvalStates, orderItemSchema, orderSchema, riskSchema } from './order.ts';
export { type OrderStatus, orderStates } from './order-states.ts';
export type { CatalogPort, CatalogProduct, OrdersPorts, UsersPort } from './ports.ts';
export { approvalThreshold } from './risk.ts';
