/** The procedure by which operators tag instances, to find and to treat them together. */
import { z } from 'zod';
import { idSchema } from '../../kernel/ids.ts';
import { defineTransactional } from '../../kernel/procedure.ts';
import { tagName } from '../store/search-values.ts';
import { instanceNotFound } from './errors.ts';
import { readInstance } from './instance-queries.ts';
import { noInstance } from './process-procedures.ts';

const tags = z.array(z.string().trim().min(1).max(100)).max(20).default([]);

/** Tags that one instance may have. */
const mostTags = 100;

/** Adds tags to an instance and removes them. */
export function tagProcedures() {
  const tag = defineTransactional({
    name: 'processes.tag',
    summary: 'Add tags to an instance, and remove them',
    input: z.object({ instanceId: idSchema, add: tags, remove: tags }),
    output: z.object({ instanceId: idSchema, tags: z.array(z.string()) }),
    access: ['operator', 'support', 'admin'],
    http: { method: 'POST', path: '/processes/{instanceId}/tags' },
    errors: [instanceNotFound],
    async execute({ tx }, { instanceId, add, remove }) {
      const row = await readInstance(tx, instanceId);
      if (!row) return noInstance(instanceId);
      await tx.query(
        `delete from engine.search_value
          where instance_id = $1 and name = $2 and value = any($3::text[])`,
        [instanceId, tagName, remove],
      );
      await tx.query(
        `insert into engine.search_value (instance_id, name, value)
         select $1, $2, tag from unnest($3::text[]) as tag
          where (select count(*) from engine.search_value
                  where instance_id = $1 and name = $2) < ${mostTags}
         on conflict do nothing`,
        [instanceId, tagName, add],
      );
      const after = await readInstance(tx, instanceId);
      return { instanceId, tags: after?.tags ?? [] };
    },
  });
  return [tag];
}
