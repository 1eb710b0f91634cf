/** The courier's sandbox as a process of its own; its options are in `sandbox-process.ts`. */
import { runSandboxProcess } from '../../sandbox/sandbox-process.ts';
import { startCourierSandbox } from './sandbox.ts';

await runSandboxProcess(async (options) => ({ ...(await startCourierSandbox(options)) }));
