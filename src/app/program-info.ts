/** Name and version of the program, as its API and `--version` tell them. */
import { readFileSync } from 'node:fs';

const { version } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { version: string };

/** What the OpenAPI document says of the program. */
export const programInfo = {
  title: 'Orderloom',
  version,
  description: 'A durable order-to-cash platform: from an order to a paid and delivered one.',
} as const;
