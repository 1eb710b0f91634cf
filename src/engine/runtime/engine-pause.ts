/**
 * The pause of the engine: after an incident nodes hold their shards, but start no jobs and fire no
 * timers, until a person says "go on". Looking, starting instances, and taking messages in work as
 * always; what they lead to waits.
 *
 * A pause that a person asks for is of all nodes, and survives their restarts. A node that was started
 * paused holds only itself, until the next time somebody says "go on": a restart with the same setting
 * does not stop the others.
 */
import type { Statements } from '../store/commit-group.ts';

/** What is known of the pause. */
export interface PauseView {
  /** Whether this node starts nothing now. */
  readonly paused: boolean;
  /** Whether a person paused all nodes. */
  readonly allNodes: boolean;
  /** Whether this node was started paused, and nobody has said "go on" since. */
  readonly startedPaused: boolean;
  readonly reason: string | null;
  readonly by: string | null;
  readonly since: Date | null;
}

interface ControlRow {
  paused: boolean;
  reason: string | null;
  decided_by: string | null;
  since: Date | null;
  resumes: string | bigint;
}

/** What a pause is made of. */
export interface EnginePauseOptions {
  readonly db: Statements;
  /** This node begins paused. */
  readonly startPaused: boolean;
  /** Told when the node goes on, or stops to. */
  readonly changed: (paused: boolean) => void;
}

/** Knows whether this node may start jobs and fire timers. */
export class EnginePause {
  readonly #options: EnginePauseOptions;
  #row: ControlRow | undefined;
  /** How often people had said "go on" when this node began. */
  #resumesBefore: bigint | undefined;

  constructor(options: EnginePauseOptions) {
    this.#options = options;
  }

  /** True while this node starts nothing; also before it has looked the first time. */
  get paused(): boolean {
    return this.view.paused;
  }

  get view(): PauseView {
    const row = this.#row;
    const { startPaused } = this.#options;
    const startedPaused = startPaused && (!row || BigInt(row.resumes) === this.#resumesBefore);
    const allNodes = row?.paused ?? true;
    return {
      paused: allNodes || startedPaused,
      allNodes: row?.paused ?? false,
      startedPaused,
      reason: row?.reason ?? null,
      by: row?.decided_by ?? null,
      since: row?.since ?? null,
    };
  }

  /** Reads what people have decided. To be called before the first shard is taken, and now and then. */
  async look(): Promise<void> {
    const { rows } = await this.#options.db.query<ControlRow>(
      'select paused, reason, decided_by, since, resumes from engine.control',
    );
    this.#take(rows[0]);
  }

  /** Pauses all nodes: this one at once, the others when they look. */
  async pause(by: string, reason: string, at: Date): Promise<void> {
    const { rows } = await this.#options.db.query<ControlRow>(
      `update engine.control
          set paused = true, since = case when paused then since else $3 end, decided_by = $1, reason = $2
       returning paused, reason, decided_by, since, resumes`,
      [by, reason, at],
    );
    this.#take(rows[0]);
  }

  /** Lets all nodes go on, also those that were started paused. */
  async resume(by: string, at: Date): Promise<void> {
    const { rows } = await this.#options.db.query<ControlRow>(
      `update engine.control
          set paused = false, since = $2, decided_by = $1, reason = null, resumes = resumes + 1
       returning paused, reason, decided_by, since, resumes`,
      [by, at],
    );
    this.#take(rows[0]);
  }

  #take(row: ControlRow | undefined): void {
    if (!row) return;
    const isFirst = this.#row === undefined;
    const before = this.paused;
    this.#resumesBefore ??= BigInt(row.resumes);
    this.#row = row;
    if (!isFirst && this.paused !== before) this.#options.changed(this.paused);
  }
}
