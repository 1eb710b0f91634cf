/**
 * DBOS Transact on the ten steps: a workflow function whose steps are checkpointed in PostgreSQL, on
 * the very server that the engine was measured on, with as many connections as the engine may use.
 */
import { DBOS } from '@dbos-inc/dbos-sdk';
import { startInput, stepCount, stepOutput } from '../engine/ten-steps.ts';
import { measurePeer } from './measure-peer.ts';

await measurePeer(async ({ connectionString }, onStep) => {
  DBOS.setConfig({
    name: 'ten-steps',
    systemDatabaseUrl: connectionString,
    systemDatabasePoolSize: 20,
    logLevel: 'error',
    runAdminServer: false,
  });
  const tenSteps = DBOS.registerWorkflow(
    async (input: typeof startInput) => {
      for (let step = 1; step <= stepCount; step += 1) {
        await DBOS.runStep(
          async () => {
            onStep(step);
            return stepOutput(step);
          },
          { name: `step-${step}` },
        );
      }
      return input.customer;
    },
    { name: 'tenSteps' },
  );
  await DBOS.launch();
  return {
    async run() {
      const handle = await DBOS.startWorkflow(tenSteps)(startInput);
      await handle.getResult();
    },
    stop: () => DBOS.shutdown(),
  };
});
