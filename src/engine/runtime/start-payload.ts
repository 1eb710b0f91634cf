/**
 * What instances begin with. Every start has one schema at most: that of its message, that of its
 * schedule, or that of the process. Who starts by name or calls is refused when it does not fit; what
 * comes by itself, an event or a moment, becomes an instance with an incident instead of silence.
 */
import { assert } from '../../kernel/errors.ts';
import { readPayload } from '../elements/event-waits.ts';
import { definitionsIn } from '../model/event-definitions.ts';
import { asJson } from '../model/json.ts';
import { indexOf } from '../model/model-index.ts';
import { occasionSchema } from '../model/occasion.ts';
import type { ProcessModel, StartEvent } from '../model/process-model.ts';

/** The start event of who starts by name: the plain one, else the first. */
export function namedStart(model: ProcessModel): StartEvent {
  const { starts } = indexOf(model);
  const start = starts.find((candidate) => candidate.event === null) ?? starts[0];
  assert(start, `process "${model.key}" has no start event`);
  return start;
}

/**
 * Judges what somebody starts a process with, by name or by a call; `payload` is what the instance is
 * to begin with.
 */
export function judgeStart(model: ProcessModel, input: unknown) {
  const { event } = namedStart(model);
  const schema = event?.type === 'message' ? event.payload : schemaOf(model, event);
  const parsed = schema?.safeParse(input);
  if (parsed && !parsed.success) return { error: parsed.error };
  // What comes with an event is read by its start event, once.
  return { payload: parsed && event === null ? parsed.data : input };
}

/**
 * Reads what an instance begins with by its start event; throws with what was expected and found.
 * `part` says which of several definitions it is that happened.
 */
export function readStart(
  model: ProcessModel,
  { event: whole }: StartEvent,
  payload: unknown,
  part = 0,
): unknown {
  const event = definitionsIn(whole)[part] ?? null;
  if (event?.type === 'message') return readPayload(event, payload);
  const schema = event?.type === 'cycle' ? schemaOf(model, event) : undefined;
  if (!schema) return payload;
  const parsed = schema.safeParse(payload);
  if (parsed.success) return asJson(parsed.data);
  const issues = parsed.error.issues.map(
    (issue) => `${issue.path.join('.') || 'input'}: ${issue.message}`,
  );
  throw new Error(`the schedule does not give what the process expects: ${issues.join('; ')}`);
}

function schemaOf(model: ProcessModel, event: StartEvent['event']) {
  return model.input ?? (event?.type === 'cycle' ? occasionSchema : undefined);
}
