/** The sandbox of the domain of devices. A device is in one line at a time, until it is released. */
import type { Handlers } from '../sandbox/contract-server.ts';
import {
  conflict,
  notThere,
  type RecordPlay,
  type RecordTools,
} from '../sandbox/record-sandbox.ts';
import type { components, operations } from './generated/openapi.ts';
import { contract } from './provider.ts';

type Device = components['schemas']['Device'];

function handlers(tools: RecordTools): Handlers<operations> {
  const devices = tools.records<Device>('devices');
  const noDevice = (imei: string) => notThere(`expected a device, found none with IMEI ${imei}`);
  return {
    getDevice({ path }) {
      const device = devices.get(path.imei);
      return device ? { status: 200, body: device } : noDevice(path.imei);
    },
    assignDevice: (request) =>
      tools.once(request, () => {
        const { imei } = request.path;
        const known = devices.get(imei);
        if (known && known.status !== 'AVAILABLE' && known.lineId !== request.body.lineId) {
          const message = `expected a device that is in no line, found ${imei} ${known.status}`;
          return { answer: conflict('DEVICE_ASSIGNED', message) };
        }
        const device: Device = { imei, status: 'ASSIGNED', ...request.body };
        return {
          answer: { status: 201, body: device } as const,
          keep: [devices.put(imei, device)],
        };
      }),
    updateDeviceStatus: (request) =>
      tools.once(request, () => {
        const { imei } = request.path;
        if (!devices.get(imei)) return { answer: noDevice(imei) };
        const device: Device = { imei, status: request.body.status };
        return {
          answer: { status: 200, body: device } as const,
          keep: [devices.put(imei, device)],
        };
      }),
  };
}

/** The played system. */
export const dsMvnoDevicePlay: RecordPlay = {
  name: 'ds-mvno-device',
  contract,
  kinds: ['devices'],
  handlers,
};
