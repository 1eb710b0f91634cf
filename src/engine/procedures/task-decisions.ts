/**
 * Procedures by which people hand in answers. Everything that judges an answer, the mark that it was given
 * and the request to the instance are one transaction, so that a crash leaves all of it or nothing, and of
 * two tasks under the rule of four eyes one person gets through with one.
 */
import { z } from 'zod';
import { isRefusal, type Refusal, refuse } from '../../kernel/errors.ts';
import { fieldIssues } from '../../kernel/field-issues.ts';
import { idSchema } from '../../kernel/ids.ts';
import {
  defineExternal,
  type ExternalContext,
  type ProcedureRunner,
  type TransactionalContext,
} from '../../kernel/procedure.ts';
import type { Engine } from '../engine.ts';
import type { UserTask } from '../model/process-model.ts';
import { isUnderFourEyes } from '../people/four-eyes.ts';
import { readAnswer } from '../people/task-form.ts';
import type { TaskPeople } from '../people/task-people.ts';
import {
  changeTask,
  lockAnswers,
  readTask,
  recordTaskEvent,
  type TaskRow,
} from '../people/task-row.ts';
import type { RequestOutcome } from '../runtime/peers.ts';
import { decisionRefused, instanceSuspended, taskOutputInvalid } from './errors.ts';
import { pendingField, pendingOf } from './pending.ts';
import { refuseSuspended } from './suspension-procedures.ts';
import {
  closedTask,
  refuseFourEyes,
  seenTask,
  taskCallers,
  type WorkedTask,
  workErrors,
  workTask,
} from './task-access.ts';

const decided = z.object({ taskId: idSchema, accepted: z.literal(true), ...pendingField });
const errors = [...workErrors, instanceSuspended, taskOutputInvalid, decisionRefused] as const;
type Refused = Refusal<(typeof errors)[number]['code']>;
type Answer = Readonly<Record<string, unknown>>;

/** What is done once the answer is written down. */
type Next = () => Promise<z.infer<typeof decided> | Refused>;

/** The procedures; `runner` runs those that decide. */
export function taskDecisions(
  engine: () => Engine,
  runner: () => ProcedureRunner,
  people: TaskPeople,
) {
  async function decide(context: ExternalContext, taskId: string, answer: Answer) {
    const next = await context.transaction((inner) => handIn(context, inner, taskId, answer));
    return isRefusal(next) ? next : await next();
  }

  async function handIn(
    context: ExternalContext,
    inner: TransactionalContext,
    taskId: string,
    answer: Answer,
  ): Promise<Next | Refused> {
    const { tx } = inner;
    const known = await seenTask(people, inner, taskId);
    if (isRefusal(known)) return known;
    await lockAnswers(tx, known.task.instance_id);
    const seen = await workTask(people, inner, taskId, 'complete');
    if (isRefusal(seen)) return seen;
    const { task } = seen;
    const model = engine().model(task.process, task.version ?? undefined);
    const node = model?.nodes[task.node];
    if (!model || node?.type !== 'userTask') return closedTask(task);
    if (seen.doer.identities.length === 0 && isUnderFourEyes(model, node)) {
      return refuseFourEyes('a program does it for nobody; have a person claim it first');
    }
    if (node.decision) return await decideByProcedure(context, inner, seen, node.decision, answer);
    if (task.suspended) return refuseSuspended(task.instance_id);
    const output = readOutput(task, node, answer);
    if (isRefusal(output)) return output;
    const by = seen.doer.name;
    if (!(await noteAnswer(inner, seen, answer))) return closedTask(task);
    const ask = await engine().requestIn(tx, task.instance_id, {
      ...{ type: 'task-completed', n: task.n },
      ...{ output: output.value, by },
    });
    return () => settle(context, seen, ask);
  }

  /** An answer that came too late, or found the instance suspended, is none. */
  async function settle(
    context: ExternalContext,
    { task }: WorkedTask,
    ask: () => Promise<RequestOutcome>,
  ): ReturnType<Next> {
    const accepted = await ask();
    if (accepted) return { taskId: task.id, accepted: true as const, ...pendingOf(accepted) };
    return await takeBack(context, task, (now) => closedTask(now));
  }

  async function decideByProcedure(
    context: ExternalContext,
    inner: TransactionalContext,
    seen: WorkedTask,
    decision: NonNullable<UserTask['decision']>,
    answer: Answer,
  ): Promise<Next | Refused> {
    const { task } = seen;
    const fields = decision.fields.map((field) => [field, task.subject?.[field]] as const);
    const input = { ...Object.fromEntries(fields), ...answer };
    const { caller, trace, idempotencyKey } = context;
    const done = { taskId: task.id, accepted: true as const };
    if (!(await noteAnswer(inner, seen, answer))) return closedTask(task);
    const refusedBy = (result: Refusal) =>
      refuse(decisionRefused, result.detail, {
        issues: result.issues,
        data: { ...result.data, refusedBy: decision.procedure, reasonCode: result.code },
      });
    const isOutside = runner().find(decision.procedure)?.effect === 'external';
    if (!isOutside) {
      const call = { caller, trace, tx: inner.tx };
      const result = await runner().run(decision.procedure, input, call);
      return isRefusal(result) ? refusedBy(result) : async () => done;
    }
    return async () => {
      const result = await runner().run(decision.procedure, input, {
        caller,
        trace,
        idempotencyKey,
      });
      return isRefusal(result) ? await takeBack(context, task, () => refusedBy(result)) : done;
    };
  }

  async function takeBack(
    context: ExternalContext,
    { id, assignee }: TaskRow,
    say: (now: TaskRow) => Refused,
  ): Promise<Refused> {
    return await context
      .transaction(async ({ tx, clock }) => {
        const now = await readTask(tx, id);
        if (!now) throw new Error(`task ${id} is gone`);
        const isOpen = await changeTask(tx, now, { decided_by: null, assignee });
        if (isOpen) {
          const event = { taskId: id, at: clock.now(), by: now.decided_by } as const;
          await recordTaskEvent(tx, { ...event, kind: 'answer-refused' });
        }
        const isHeld = isOpen !== null && now.suspended;
        return { refused: isHeld ? refuseSuspended(now.instance_id) : say(now) };
      })
      .then(({ refused }) => refused);
  }

  /** The answer as the process takes it, or what is wrong with it. */
  function readOutput(task: TaskRow, node: UserTask, answer: Answer) {
    const wrong = (issues: Parameters<typeof refuse>[2] extends infer O ? O : never) =>
      refuse(taskOutputInvalid, `task "${task.title}" does not accept this outcome`, issues);
    const read = node.form ? readAnswer(node.form.schema, answer) : { answer };
    if ('issues' in read) return wrong({ issues: read.issues });
    const parsed = node.output.safeParse(read.answer);
    if (parsed.success) return { value: parsed.data as unknown };
    return wrong({ issues: fieldIssues(parsed.error, read.answer) });
  }

  /** Who answers has the task from then on. False when somebody was first. */
  async function noteAnswer(
    { tx, clock }: TransactionalContext,
    seen: WorkedTask,
    answer: Answer,
  ): Promise<boolean> {
    const { task, reader, doer } = seen;
    const assignee = task.assignee ?? (reader.identities.length > 0 ? reader.name : null);
    if (!(await changeTask(tx, task, { decided_by: doer.name, assignee }))) return false;
    const event = { taskId: task.id, at: clock.now(), by: reader.name, kind: 'answered' } as const;
    await recordTaskEvent(tx, { ...event, data: { answer } });
    return true;
  }

  const reason = z.string().max(500).optional();
  const complete = defineExternal({
    name: 'tasks.complete',
    summary: 'Complete a task with its outcome',
    description:
      'The outcome is checked by the form of the task. A task that nobody has is taken by whoever completes ' +
      'it. A program completes a task for the person who has it.',
    input: z.object({ taskId: idSchema, output: z.record(z.string(), z.unknown()) }),
    output: decided,
    access: taskCallers,
    http: { method: 'POST', path: '/tasks/{taskId}/complete' },
    errors,
    execute: (context, { taskId, output }) => decide(context, taskId, output),
  });
  const approve = defineExternal({
    name: 'tasks.approve',
    summary: 'Approve what a task asks',
    input: z.object({ taskId: idSchema, reason }),
    output: decided,
    access: taskCallers,
    http: { method: 'POST', path: '/tasks/{taskId}/approve' },
    errors,
    execute: (context, input) => decide(context, input.taskId, outcomeOf(true, input.reason)),
  });
  const reject = defineExternal({
    name: 'tasks.reject',
    summary: 'Reject what a task asks',
    input: z.object({ taskId: idSchema, reason }),
    output: decided,
    access: taskCallers,
    http: { method: 'POST', path: '/tasks/{taskId}/reject' },
    errors,
    execute: (context, input) => decide(context, input.taskId, outcomeOf(false, input.reason)),
  });
  return [complete, approve, reject];
}

function outcomeOf(approved: boolean, reason: string | undefined): Answer {
  return { approved, ...(reason === undefined ? {} : { reason }) };
}
