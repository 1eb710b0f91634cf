/** PostgreSQL: an own server, or the embedded one. */
import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { setting } from './setting.ts';
import { url, whole } from './value-shapes.ts';

/**
 * Connections beyond a few for each core do no work more: they stand in each other's way. With two cores
 * placing orders took 1.8 ms of CPU at 8 connections, 1.9 at 10 and 2.8 at 24 (`bench orders`).
 */
const connectionsFor = (cores: number) => Math.min(32, Math.max(8, 4 * cores));

/** Settings of PostgreSQL, by environment variable. */
export const database = {
  DATABASE_URL: setting({
    summary: 'PostgreSQL server to use instead of the embedded one',
    schema: url('postgres', 'postgresql').optional(),
    secret: true,
    otherwise: 'an embedded PostgreSQL',
  }),
  DATABASE_MAX_CONNECTIONS: setting({
    summary: 'Most connections to PostgreSQL',
    schema: whole(4, 1_000).default(() => connectionsFor(availableParallelism())),
    otherwise: '4 for each core of this machine, at least 8 and at most 32',
  }),
  ORDERLOOM_DATA: setting({
    summary: 'Folder of the embedded data',
    schema: z.string().min(1, 'expected the path of a folder').optional(),
    otherwise: '`.orderloom/<PORT>` in the project; for root below `/var/lib/orderloom`',
  }),
} as const;
