/** The mail sandbox as a process of its own; its options are in `sandbox-process.ts`. */
import { runSandboxProcess } from '../../sandbox/sandbox-process.ts';
import { startMailSandbox } from './sandbox.ts';

await runSandboxProcess(async (options) => ({ ...(await startMailSandbox(options)) }));
