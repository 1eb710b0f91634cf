/** Service task: a job runs outside of the commit path; its result, or its failure, comes back. */
import type { ElementDefinition } from '../element.ts';

/** A job is done, retried, or stopped with an incident. */
export const serviceTask: ElementDefinition<'serviceTask'> = {
  type: 'serviceTask',
  doc: 'Runs a job with retries; a business error may be caught by an error boundary event.',
  enter(context, n) {
    // An undo that was interrupted may have done its work: the outside is asked first.
    context.startJob(n, 1, context.element(n).key !== undefined);
  },
  trigger(context, host) {
    // The only wait of a service task is the timer before its next attempt.
    const job = context.element(host).job;
    context.startJob(host, (job?.attempt ?? 0) + 1, job?.unknown ?? false);
  },
};
