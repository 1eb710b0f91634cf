/** `orderloom schedules`: when processes begin by the clock; pause one, let it go on, run it now. */
import type { z } from 'zod';
import type { scheduleSchema } from '../../engine/procedures/schedule-procedures.ts';
import type { PageAnswer } from '../api-client.ts';
import type { CommandContext, ListOptions } from '../command-context.ts';
import { moment, pageText } from '../terminal.ts';

type ScheduleAnswer = z.output<typeof scheduleSchema>;

/** Lists schedules with their next moments, in the reader's own time. */
export async function listSchedules(
  { api, answer }: CommandContext,
  { limit, cursor }: ListOptions,
): Promise<void> {
  const page = await api.get<PageAnswer<ScheduleAnswer>>('/schedules', { limit, cursor });
  answer(page, () =>
    pageText(
      page,
      ['schedule', 'schedules'],
      [
        { title: 'PROCESS', value: ({ process }) => process },
        { title: 'SCHEDULE', value: ({ schedule }) => schedule },
        { title: 'CRON', value: ({ cron }) => cron },
        { title: 'TIME ZONE', value: ({ timeZone }) => timeZone },
        {
          title: 'MISSED',
          value: ({ catchUp, atMost }) => (catchUp === 'all' ? `at most ${atMost}` : catchUp),
        },
        { title: 'LAST', value: ({ lastAt }) => moment(lastAt) },
        {
          title: 'NEXT',
          value: ({ next, pausedBy }) =>
            pausedBy === null ? moment(next[0] ?? null) : `paused by ${pausedBy}`,
        },
      ],
    ),
  );
}

/** Pauses, resumes or runs the schedule. */
export async function steerSchedule(
  { api, answer }: CommandContext,
  action: 'pause' | 'resume' | 'run',
  { process, schedule }: { readonly process: string; readonly schedule: string },
): Promise<void> {
  const path = [process, schedule].map(encodeURIComponent).join('/');
  const result = await api.post<{ instanceId?: string }>(`/schedules/${path}/${action}`, {});
  const done = {
    pause: `${process} ${schedule} is paused.`,
    resume: `${process} ${schedule} goes on.`,
    run: `Started ${result.instanceId}.`,
  }[action];
  answer(result, () => done);
}
