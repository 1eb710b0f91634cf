/**
 * The sandbox of the domain of lines, and of the network behind it. A line is `PENDING` until the network has
 * activated it, or failed to: at once, unless the sandbox is told to hold it.
 */
import { newId } from '../../kernel/ids.ts';
import type { Handlers } from '../sandbox/contract-server.ts';
import {
  conflict,
  notThere,
  type RecordPlay,
  type RecordTools,
} from '../sandbox/record-sandbox.ts';
import type { components, operations } from './generated/openapi.ts';
import { contract } from './provider.ts';

type Schemas = components['schemas'];
type Line = Schemas['Line'];

const isGone = ({ status }: Line) => status === 'DEACTIVATED' || status === 'FAILED';

function handlers(tools: RecordTools): Handlers<Omit<operations, 'provisioned'>> {
  const lines = tools.records<Line>('lines');
  const noLine = (id: string) => notThere(`expected a line, found none with id ${id}`);
  const kept = (line: Line) => ({
    answer: { status: 200, body: line } as const,
    keep: [lines.put(line.lineId, line)],
  });
  return {
    getLine({ path }) {
      const line = lines.get(path.lineId);
      return line ? { status: 200, body: line } : noLine(path.lineId);
    },
    activateLine: (request) =>
      tools.once(request, () => {
        const { lineId } = request.path;
        const { simType: _, ...asked } = request.body;
        const known = lines.get(lineId);
        if (known && !isGone(known) && known.accountId !== asked.accountId) {
          const message = `expected a line of account ${asked.accountId}, found one of another account`;
          return { answer: conflict('LINE_ON_OTHER_ACCOUNT', message) };
        }
        const line: Line = { lineId, ...asked, status: 'PENDING' };
        return {
          answer: { status: 201, body: line } as const,
          keep: [lines.put(lineId, line)],
          later: lineId,
        };
      }),
    deactivateLine: (request) =>
      tools.once(request, () => {
        const line = lines.get(request.path.lineId);
        return line
          ? kept({ ...line, status: 'DEACTIVATED' })
          : { answer: noLine(request.path.lineId) };
      }),
    updateLineStatus: (request) =>
      tools.once(request, () => {
        const line = lines.get(request.path.lineId);
        if (!line) return { answer: noLine(request.path.lineId) };
        if (!isGone(line)) return kept({ ...line, status: request.body.status });
        const message = `expected a line that is in the network, found one that is ${line.status}`;
        return { answer: conflict('LINE_NOT_ACTIVE', message) };
      }),
  };
}

/** The played system. */
export const dsMvnoLinePlay: RecordPlay = {
  name: 'ds-mvno-line',
  contract,
  kinds: ['lines'],
  handlers,
  end(tools, lineId, succeeds) {
    const lines = tools.records<Line>('lines');
    const line = lines.get(lineId);
    if (line?.status !== 'PENDING') return null;
    const { orderId, accountId, mdn, imei, iccid } = line;
    const tell: Schemas['Provisioned'] = {
      eventId: newId(),
      eventType: 'PROVISIONING_COMPLETE',
      timestamp: tools.clock.now().toISOString(),
      mboOrderId: orderId,
      accountId,
      lineItems: [{ lineId, mdn, imei, iccid, status: succeeds ? 'PROVISIONED' : 'FAILED' }],
      provisioningStatus: succeeds ? 'SUCCESS' : 'FAILED',
    };
    return {
      keep: [lines.put(lineId, { ...line, status: succeeds ? 'ACTIVE' : 'FAILED' })],
      callbackKey: orderId,
      tell: { ...tell },
    };
  },
};
