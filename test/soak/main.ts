/**
 * `npm run soak -- [--seconds N] [--seed S] [--nodes N] [--rate N]`: breaks everything for so long
 * under load, and fails when anything was lost, doubled, or left unexplained.
 */
import { Command } from 'commander';
import { runSoak } from './run-soak.ts';

const command = new Command('npm run soak --')
  .description(
    'Breaks everything under load, and fails when anything was lost, doubled or left unexplained.',
  )
  .option('--seconds <count>', 'how long things break', '60')
  .option(
    '--seed <number>',
    'what breaks when, and who orders what',
    String(Math.floor(Date.now() / 1_000)),
  )
  .option('--nodes <count>', 'nodes on one database', '3')
  .option('--rate <count>', 'orders a second', '5')
  .option(
    '--settle <seconds>',
    'how long orders may take to end once nothing breaks any more',
    '120',
  )
  .parse();
const values = command.opts<Record<'seconds' | 'seed' | 'nodes' | 'rate' | 'settle', string>>();

function whole(name: keyof typeof values, least: number): number {
  const number = Number(values[name]);
  if (Number.isInteger(number) && number >= least) return number;
  console.error(
    `expected --${name} to be a whole number of at least ${least}; found "${values[name]}"`,
  );
  process.exit(2);
}

const seed = whole('seed', 0);
const result = await runSoak({
  seconds: whole('seconds', 1),
  seed,
  nodes: whole('nodes', 1),
  ordersPerSecond: whole('rate', 1),
  settleSeconds: whole('settle', 1),
  report: (line) => console.log(line),
}).catch((error: unknown) => {
  console.error(`The soak of seed ${seed} could not be brought to its end:`, error);
  process.exit(1);
});
console.log(`\nbroken:  ${JSON.stringify(result.chaos)}`);
console.log(`orders:  ${result.placed} placed; ${JSON.stringify(result.orders)}`);
for (const incident of result.incidents) console.log(`incident ${incident}`);
for (const finding of result.findings) console.log(`FOUND    ${finding}`);
console.log(
  result.findings.length === 0 ? 'Everything adds up.' : `${result.findings.length} findings`,
);
process.exit(result.findings.length === 0 ? 0 : 1);
