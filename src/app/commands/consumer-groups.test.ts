/** What an operator sees of consumer groups, and what the commands have them do. */
import { expect, test } from 'vitest';
import { catchPrinted } from '../../../test/support/catch-printed.ts';
import { thing } from '../../../test/support/event-log.ts';
import { startEventServer } from '../../../test/support/event-server.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';
import { CommandError } from '../api-client.ts';
import { commandContext } from '../command-context.ts';
import {
  listConsumerGroups,
  listLetters,
  removeConsumerGroup,
  replayConsumerGroup,
  retryLetters,
  steerConsumerGroup,
} from './consumer-groups.ts';

test('a group is looked at, paused, resumed and sent back; what it could not handle is tried again', async () => {
  const { base, log, record } = await startEventServer();
  const context = commandContext({ url: base }, { ORDERLOOM_TOKEN: 'operator' });
  const said = catchPrinted();
  const seen: number[] = [];
  let isBroken = true;
  const consumer = log.consume({
    group: 'stock-report',
    retry: { firstMs: 1, longestMs: 5, parkAfter: 1 },
    deliver: async (events) => {
      const numbers = events.map(({ payload }) => (payload as { n: number }).n);
      if (isBroken && numbers.includes(2)) throw new Error('cannot read 2');
      seen.push(...numbers);
    },
  });
  await record(thing(1, 'a'), thing(2, 'b'), thing(3, 'a'));
  await waitUntil('the others', () => seen.length === 2);
  const listed = await said(listConsumerGroups(context, {}));
  expect(listed).toMatch(/stock-report +active +3 +0 .* 1/);
  expect(listed).toContain('orderloom consumer-groups letters stock-report');
  const letters = await said(listLetters(context, 'stock-report', { key: 'b' }));
  expect(letters).toMatch(/stock-report +2 +thing\.happened +b +1 .*cannot read 2/);
  expect(await said(listLetters(context, undefined, { key: 'a' }))).not.toContain('stock-report');

  isBroken = false;
  expect(await said(retryLetters(context, 'stock-report', {}))).toBe(
    'stock-report tries again what it could not handle: 1.',
  );
  await waitUntil('the letter', () => seen.length === 3);
  expect(await said(steerConsumerGroup(context, 'pause', 'stock-report'))).toContain('is paused');
  expect(await said(listConsumerGroups(context, {}))).toMatch(/stock-report +paused/);
  expect(await said(replayConsumerGroup(context, 'stock-report', { after: '1' }))).toBe(
    'stock-report stands at position 1; what comes after it is next.',
  );
  expect(await said(steerConsumerGroup(context, 'resume', 'stock-report'))).toContain('goes on');
  await waitUntil('the events again', () => seen.length === 5);
  expect(seen).toEqual([1, 3, 2, 2, 3]);
  await expect(removeConsumerGroup(context, 'stock-report')).rejects.toThrow(
    'CONSUMER_GROUP_OWNED',
  );
  await consumer.stop();
  expect(await said(removeConsumerGroup(context, 'stock-report'))).toContain('is gone');
  await expect(listLetters(context, 'stock-report', {})).rejects.toThrow(
    'CONSUMER_GROUP_NOT_FOUND',
  );
  await expect(replayConsumerGroup(context, 'stock-report', {})).rejects.toThrow(CommandError);
  await expect(steerConsumerGroup(context, 'pause', 'nobody')).rejects.toThrow(
    'CONSUMER_GROUP_NOT_FOUND',
  );
});
