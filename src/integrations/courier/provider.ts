/**
 * The delivery module's port, over the courier's own interface. Every method sends the call's
 * idempotency key, and turns an answer of the courier into one of the port; see the port for what
 * is returned and what is thrown.
 */
import { TerminalFault } from '../../kernel/errors.ts';
import type {
  CourierCall,
  CourierNews,
  CourierProvider,
  CourierShipment,
} from '../../modules/delivery/provider.ts';
import { callOptions } from '../transport/contract-client.ts';
import { type ClientTools, courierClient } from './client.ts';
import { type CourierConfig, courierSettings } from './config.ts';
import type { components } from './generated/openapi.ts';

type Schemas = components['schemas'];

/** The port, and the closing of its connections. */
export interface ConnectedCourierProvider extends CourierProvider {
  close(): Promise<void>;
}

/** Makes the provider. Settings that do not fit are thrown as a `ZodError`. */
export function courierProvider(
  config: CourierConfig,
  tools: ClientTools,
): ConnectedCourierProvider {
  const settings = courierSettings.parse(config);
  const { api, close } = courierClient(settings, tools);
  const keyed = (call: CourierCall) => ({ header: { 'Idempotency-Key': call.idempotencyKey } });

  return {
    name: settings.name,
    close,

    async createShipment({ shipmentId, orderId, address, items }, call) {
      const { data, error, response } = await api.POST('/shipments', {
        ...callOptions(call),
        params: keyed(call),
        body: {
          reference: shipmentId,
          orderId,
          address: { ...address },
          items: items.map((item) => ({
            sku: item.productId,
            description: item.productName,
            quantity: item.quantity,
          })),
        },
      });
      if (data) return { status: 'booked', shipment: shipmentOf(data) };
      if (response.status === 422) return { status: 'refused', reason: error.message };
      throw unusable('createShipment', error);
    },

    async cancelShipment({ courierShipmentId }, call) {
      const { data, error, response } = await api.POST('/shipments/{shipmentId}/cancel', {
        ...callOptions(call),
        params: { ...keyed(call), path: { shipmentId: courierShipmentId } },
      });
      if (data) return { status: 'cancelled' };
      if (response.status === 404) return { status: 'unknown' };
      if (response.status === 409) return { status: 'picked-up' };
      throw unusable('cancelShipment', error);
    },

    async lookUpShipment({ courierShipmentId }, call) {
      const { data, error, response } = await api.GET('/shipments/{shipmentId}', {
        ...callOptions(call),
        params: { path: { shipmentId: courierShipmentId } },
      });
      if (response.status === 404) return null;
      if (!data) throw unusable('getShipment', error);
      return { status: newsStatus(data.status), detail: null };
    },

    async findByIdempotencyKey(call) {
      const { data, error } = await api.GET('/shipments', {
        ...callOptions(call),
        params: { query: { idempotencyKey: call.idempotencyKey } },
      });
      if (!data) throw unusable('listShipments', error);
      const [shipment] = data.items;
      return shipment ? shipmentOf(shipment) : null;
    },
  };
}

/** What the courier calls booked is created with us. */
function newsStatus(status: Schemas['ShipmentStatus']): CourierNews['status'] {
  return status === 'booked' ? 'created' : status;
}

function shipmentOf(shipment: Schemas['Shipment']): CourierShipment {
  return {
    courierShipmentId: shipment.id,
    trackingNumber: shipment.trackingNumber,
    trackingUrl: shipment.trackingUrl,
    estimatedDeliveryAt: new Date(shipment.estimatedDeliveryAt),
  };
}

/** An answer that the document allows, but that cannot come of what this program asks. */
function unusable(operation: string, problem: Schemas['Problem'] | undefined): TerminalFault {
  return new TerminalFault(
    `COURIER_${problem?.code === 'IDEMPOTENCY_KEY_REUSED' ? 'KEY_REUSED' : 'REQUEST_REFUSED'}`,
    `the courier refused ${operation}: ${problem?.code} ${problem?.message}`,
  );
}
