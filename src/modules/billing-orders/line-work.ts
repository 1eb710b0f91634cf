/** Steps that work on lines and devices: activation, holding, release. */
import { z } from 'zod';
import type { Procedure } from '../../kernel/procedure.ts';
import { lineSchema } from './billing-order.ts';
import { changeOrderError, deviceAssignmentError, lineActivationError } from './errors.ts';
import { outsideWork, partOf, refusedBy } from './outside-work.ts';
import type { BillingSystems } from './provider.ts';

const line = z.object({ orderId: z.string(), accountId: z.string(), line: lineSchema });
const done = z.object({ lineId: z.string() });

/** The procedures. */
export function lineWork(systems: BillingSystems): readonly Procedure[] {
  return [
    outsideWork(systems, {
      name: 'billing-orders.activate-line',
      summary: 'Have the network activate a line; it confirms later',
      system: 'ds-mvno-line',
      step: 'ACTIVATE_LINE',
      input: line,
      output: done,
      errors: [lineActivationError],
      async execute({ lines }, { orderId, accountId, line: asked }, call) {
        const { lineItemId, mdn, imei, iccid, simType, plan } = asked;
        const accepted = await lines.activateLine(
          lineItemId,
          { orderId, accountId, mdn, imei, iccid, simType, plan },
          call,
        );
        return accepted.status === 'done'
          ? { lineId: lineItemId }
          : refusedBy(lineActivationError, accepted);
      },
      async reconcile({ lines }, { orderId, line: { lineItemId } }, call) {
        const known = await lines.getLine(lineItemId, call);
        const isOurs = known?.orderId === orderId && known.status !== 'DEACTIVATED';
        return isOurs ? { lineId: lineItemId } : null;
      },
    }),

    outsideWork(systems, {
      name: 'billing-orders.deactivate-line',
      summary: 'Take a line out of the network',
      system: 'ds-mvno-line',
      input: line,
      output: done,
      errors: [lineActivationError],
      async execute({ lines }, { line: { lineItemId } }, call) {
        const gone = await lines.deactivateLine(lineItemId, call);
        return gone.status === 'done'
          ? { lineId: lineItemId }
          : refusedBy(lineActivationError, gone);
      },
    }),

    outsideWork(systems, {
      name: 'billing-orders.check-line',
      summary: 'Ask the network how a line is',
      system: 'ds-mvno-line',
      input: line,
      output: z.object({ active: z.boolean(), status: z.string() }),
      errors: [],
      async execute({ lines }, { line: { lineItemId } }, call) {
        const status = (await lines.getLine(lineItemId, call))?.status ?? 'UNKNOWN';
        return { active: status === 'ACTIVE', status };
      },
    }),

    outsideWork(systems, {
      name: 'billing-orders.assign-device',
      summary: 'Put the device into its line',
      system: 'ds-mvno-device',
      input: line,
      output: done,
      errors: [deviceAssignmentError],
      async execute({ devices }, { orderId, accountId, line: asked }, call) {
        const { lineItemId: lineId, imei, deviceModel } = asked;
        const assigned = await devices.assignDevice(
          imei,
          { orderId, lineId, accountId, deviceModel },
          call,
        );
        return assigned.status === 'done' ? { lineId } : refusedBy(deviceAssignmentError, assigned);
      },
    }),

    outsideWork(systems, {
      name: 'billing-orders.release-device',
      summary: 'Take the device out of its line',
      system: 'ds-mvno-device',
      input: line,
      output: done,
      errors: [deviceAssignmentError],
      async execute({ devices }, { line: { lineItemId: lineId, imei } }, call) {
        const released = await devices.updateDeviceStatus(imei, 'AVAILABLE', call);
        return released.status === 'done' ? { lineId } : refusedBy(deviceAssignmentError, released);
      },
    }),

    outsideWork(systems, {
      name: 'billing-orders.release-line',
      summary: 'Take a line out of the network, and its device out of the line',
      system: 'ds-mvno-line',
      input: line,
      output: done,
      errors: [lineActivationError, deviceAssignmentError],
      async execute({ lines, devices }, { line: { lineItemId: lineId, imei } }, call) {
        const gone = await lines.deactivateLine(lineId, call);
        if (gone.status === 'refused') return refusedBy(lineActivationError, gone);
        const released = await devices.updateDeviceStatus(
          imei,
          'AVAILABLE',
          partOf(call, 'device'),
        );
        return released.status === 'done' ? { lineId } : refusedBy(deviceAssignmentError, released);
      },
    }),

    outsideWork(systems, {
      name: 'billing-orders.set-line-status',
      summary: 'Hold a line for a change, or let it go',
      system: 'ds-mvno-line',
      input: line.extend({ status: z.enum(['ACTIVE', 'CHANGE_PENDING', 'SUSPENDED']) }),
      output: done,
      errors: [changeOrderError],
      async execute({ lines }, { line: { lineItemId: lineId }, status }, call) {
        const set = await lines.updateLineStatus(lineId, status, call);
        return set.status === 'done' ? { lineId } : refusedBy(changeOrderError, set);
      },
    }),
  ];
}
