/** The thread that scripts run in, so that whoever waits for them can end it. */
import { parentPort } from 'node:worker_threads';
import { type ScriptCall, ScriptIsolate } from './script-isolate.ts';

const isolate = new ScriptIsolate();

parentPort?.on('message', async (call: ScriptCall) => {
  parentPort?.postMessage(await isolate.run(call));
});
