/**
 * The test kit: everything to test a process of one's own. `testProcess` runs it on the real engine with a
 * clock that the test moves; `fake` answers for procedures; `atEveryCrashPoint` lets nodes die. See the
 * guide "Test a process".
 */
export { atEveryCrashPoint, type CrashPoints } from './every-crash-point.ts';
export {
  answers,
  type Behaviour,
  breaks,
  type Fake,
  fails,
  fake,
  type Held,
  holds,
  refuses,
  succeedsUnheard,
  timesOut,
} from './fakes.ts';
export { InstanceInTest, type OpenIncident } from './instance-in-test.ts';
export { ProcessTest, type ProcessTestOptions, testProcess } from './process-test.ts';
export { type VirtualClock, virtualClock } from './virtual-clock.ts';
export { type WaitOptions, waitFor } from './wait-for.ts';
