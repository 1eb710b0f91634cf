/**
 * A worker as its users write one, in a process of its own: the unmodified external task client of
 * Camunda 7. What it does with a task is said by the task's variable `how`. It tells its parent of every
 * task that it was handed, of all that the client reports, and goes on with slow work when it is told to.
 */
import {
  Client,
  type LockedTask,
  type TaskService,
  Variables,
} from 'camunda-external-task-client-js';

/** What it tells its parent. */
export type WorkerNews =
  | { readonly is: 'handed'; readonly task: string; readonly businessKey: string | null }
  | { readonly is: 'reported'; readonly event: string; readonly what: string };

const say = (news: WorkerNews) => process.send?.(news);
const { BASE_URL = '', WORKER_ID = '', WORKER_KEY = '' } = process.env;
const told = Promise.withResolvers<void>();
process.once('message', () => told.resolve());
process.once('disconnect', () => process.exit());

const client = new Client({
  baseUrl: BASE_URL,
  workerId: WORKER_ID,
  maxTasks: 3,
  // A lock that ran out on a busy machine would have a task done twice, rightly.
  lockDuration: 600_000,
  asyncResponseTimeout: 20_000,
  interval: 1,
  interceptors: (request) => ({ ...request, headers: { 'x-api-key': WORKER_KEY } }),
});
for (const what of ['complete', 'handleFailure', 'handleBpmnError', 'extendLock']) {
  client.on(`${what}:success`, ({ id }: LockedTask) =>
    say({ is: 'reported', event: what, what: id }),
  );
  client.on(`${what}:error`, ({ id }: LockedTask, error: Error) =>
    say({ is: 'reported', event: `${what} refused`, what: `${id} ${error.message}` }),
  );
}
client.on('poll:error', (error: Error) =>
  say({ is: 'reported', event: 'poll refused', what: error.message }),
);

const found = () => new Variables().set('grams', 750).set('seen', { by: WORKER_ID });

async function work(task: LockedTask, service: TaskService): Promise<void> {
  const how = String(task.variables.get('how'));
  switch (how) {
    case 'fails once':
      if (task.retries === null) return await service.handleFailure(task, failure(1));
      return await service.complete(task, found());
    case 'fails for good':
      return await service.handleFailure(task, failure(0));
    case 'too heavy':
      return await service.handleBpmnError(task, 'HEAVY', 'no shelf bears it', found());
    case 'takes long':
      await service.extendLock(task, 3_600_000);
      await told.promise;
      return await service.complete(task, found());
    default:
      return await service.complete(task, found(), new Variables().set('scratch', 1));
  }
}

const failure = (retries: number) => ({
  errorMessage: 'the scales are broken',
  errorDetails: 'at scales.ts:1',
  retries,
  retryTimeout: 0,
});

client.subscribe('scales', async ({ task, taskService }) => {
  say({ is: 'handed', task: task.id, businessKey: task.businessKey });
  await work(task, taskService);
});
