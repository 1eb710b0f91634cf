/** What `advance` gives. */
import type { Effects } from '../model/events.ts';
import type { InstanceState } from '../model/state.ts';

/** What an event led to. */
export interface Advanced {
  readonly state: InstanceState;
  readonly effects: Effects;
  /**
   * False when the event came too late (its element is gone, its attempt is stale, the instance has
   * ended). The state is then the one given, and nothing follows.
   */
  readonly accepted: boolean;
}
