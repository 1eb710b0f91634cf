/** The public face of the delivery module. */
export { triggerStatusUpdated } from './events.ts';
export { deliveryModule } from './module.ts';
export type { DeliverableOrder, DeliveryOptions, OrdersPort, PaymentsPort } from './ports.ts';
export { shipmentRowSchema, shipmentSchema } from './shipment.ts';
export { type ShipmentStatus, shipmentStates } from './shipment-states.ts';
