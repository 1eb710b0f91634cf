/**
 * `npm run soak -- [--seconds N] [--seed S] [--nodes N] [--rate N]`: breaks everything for so long
 * under load, and fails when anything was lost, doubled, or left unexplained.
 */
import { parseArgs } from 'node:util';
import { runSoak } from './run-soak.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Math.floor(Date.now() / 1_000)) },
    nodes: { type: 'string', default: '3' },
    rate: { type: 'string', default: '5' },
    settle: { type: 'string', default: '120' },
  },
});

function whole(name: keyof typeof values, least: number): number {
  const number = Number(values[name]);
  if (Number.isInteger(number) && number >= least) return number;
  console.error(
    `expected --${name} to be a whole number of at least ${least}; found "${values[name]}"`,
  );
  process.exit(2);
}

const result = await runSoak({
  seconds: whole('seconds', 1),
  seed: whole('seed', 0),
  nodes: whole('nodes', 1),
  ordersPerSecond: whole('rate', 1),
  settleSeconds: whole('settle', 1),
  report: (line) => console.log(line),
});
console.log(`\nbroken:  ${JSON.stringify(result.chaos)}`);
console.log(`orders:  ${result.placed} placed; ${JSON.stringify(result.orders)}`);
for (const incident of result.incidents) console.log(`incident ${incident}`);
for (const finding of result.findings) console.log(`FOUND    ${finding}`);
console.log(
  result.findings.length === 0 ? 'Everything adds up.' : `${result.findings.length} findings`,
);
process.exit(result.findings.length === 0 ? 0 : 1);
