// The other services that this program knows, each in its folder. Written by `orderloom integrate`.
import { deliveryService } from '../integrations/delivery-service/index.ts';
import { orderService } from '../integrations/order-service/index.ts';
import { paymentService } from '../integrations/payment-service/index.ts';
import type { RemoteService } from '../integrations/remote/service.ts';
import { warehouse } from '../integrations/warehouse/index.ts';

/** Every service that was integrated; those without an address in the configuration are not called. */
export const integratedServices: readonly RemoteService[] = [
  deliveryService,
  orderService,
  paymentService,
  warehouse,
];
