/** The ways in which the procedures over the event log say no. */
import { defineError } from '../../kernel/errors.ts';

export const eventNotForCaller = defineError({
  code: 'EVENT_NOT_FOR_CALLER',
  status: 403,
  title: 'Events of this name are not for this caller',
});
export const eventUnknown = defineError({
  code: 'EVENT_UNKNOWN',
  status: 422,
  title: 'No such event',
});
export const eventPositionAhead = defineError({
  code: 'EVENT_POSITION_AHEAD',
  status: 422,
  title: 'The event log does not reach that far',
});
export const consumerGroupNotFound = defineError({
  code: 'CONSUMER_GROUP_NOT_FOUND',
  status: 404,
  title: 'No such consumer group',
});
export const consumerGroupOwned = defineError({
  code: 'CONSUMER_GROUP_OWNED',
  status: 409,
  title: 'The consumer group is at work',
});
export const deadLetterNotFound = defineError({
  code: 'DEAD_LETTER_NOT_FOUND',
  status: 404,
  title: 'No such dead letter',
});
