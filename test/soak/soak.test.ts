/**
 * A short soak: three nodes under load while nodes are killed and put to sleep, PostgreSQL goes away,
 * and outside systems fail and lose their callbacks. `npm run soak` runs it for as long as one likes.
 */
import { expect, test } from 'vitest';
import { runSoak } from './run-soak.ts';

test('whatever breaks, every order comes to an end, and money, stock and history add up', async () => {
  const lines: string[] = [];
  const { findings, placed, chaos } = await runSoak({
    seconds: 5,
    leastBroken: 3,
    seed: 20_261_121,
    nodes: 3,
    ordersPerSecond: 4,
    settleSeconds: 90,
    report: (line) => lines.push(line),
  });
  expect(findings, lines.join('\n')).toEqual([]);
  expect(placed).toBeGreaterThan(0);
  expect(Object.values(chaos).reduce((sum, n) => sum + n)).toBeGreaterThan(2);
}, 180_000);
