/** What notifications need of other modules, read inside the caller's transaction; `app/` wires it. */
import type { TraceContext } from '../../kernel/trace.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import type { MailTransport } from './provider.ts';

/** Where a user can be reached. */
export interface Recipient {
  readonly email: string;
  readonly name: string;
}

/** Looks up users. */
export interface UsersPort {
  /** The user as now; null when there is none. */
  find(tx: Transaction, userId: string, trace: TraceContext): Promise<Recipient | null>;
}

/** Everything that the notifications module is given. */
export interface NotificationsOptions {
  /** Null when no mail system is configured: notifications are then only stored. */
  readonly mail: MailTransport | null;
  readonly users: UsersPort;
  /** The right side of every message id. @defaultValue orderloom.example */
  readonly messageIdDomain?: string;
}
