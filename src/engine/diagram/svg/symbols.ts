/**
 * The signs of the standard as paths. Signs of events and gateways are drawn around the origin, icons of tasks and
 * markers in a square of 16 from the origin.
 */

/** A sign: its path, and whether it is filled whoever shows it. */
export interface Sign {
  readonly path: string;
  /** True: filled with ink; false: as lines. Absent: filled where the event is thrown. */
  readonly isFilled?: boolean;
  /** Lines that are seen on what is filled, such as the flap of an envelope. */
  readonly onFilled?: string;
}

const envelope = {
  path: 'M-9-6.5H9V6.5H-9ZM-9-6.5L0 1L9-6.5',
  onFilled: 'M-9-6.5L0 1L9-6.5',
};

/** By the kind of the event's definition; `multiple` and `parallelMultiple` for several. */
export const eventSigns: Readonly<Record<string, Sign>> = {
  messageEventDefinition: envelope,
  timerEventDefinition: {
    isFilled: false,
    path:
      'M10.5 0A10.5 10.5 0 1 1-10.5 0A10.5 10.5 0 1 1 10.5 0ZM0-10.5V-8M0 10.5V8M-10.5 0H-8M10.5 0H8' +
      'M7.4-7.4L6-6M-7.4 7.4L-6 6M7.4 7.4L6 6M-7.4-7.4L-6-6M0 0L2.5-7M0 0L5 1',
  },
  errorEventDefinition: { path: 'M-8.5 8.5L-4-6.5L1.5 2L8-8.5L3.8 7L-1.8-1.5Z' },
  escalationEventDefinition: { path: 'M0-9.5L6.5 8.5L0 2L-6.5 8.5Z' },
  conditionalEventDefinition: {
    isFilled: false,
    path: 'M-7-9H7V9H-7ZM-4.5-5.5H4.5M-4.5-1.8H4.5M-4.5 1.8H4.5M-4.5 5.5H4.5',
  },
  linkEventDefinition: { path: 'M-9.5-3.5H1.5V-8L9.5 0L1.5 8V3.5H-9.5Z' },
  signalEventDefinition: { path: 'M0-9L9 7H-9Z' },
  compensateEventDefinition: { path: 'M0-6.5V6.5L-9 0ZM9-6.5V6.5L0 0Z' },
  cancelEventDefinition: {
    path: 'M-8.5-5.7L-5.7-8.5L0-2.8L5.7-8.5L8.5-5.7L2.8 0L8.5 5.7L5.7 8.5L0 2.8L-5.7 8.5L-8.5 5.7L-2.8 0Z',
  },
  terminateEventDefinition: {
    isFilled: true,
    path: 'M10 0A10 10 0 1 1-10 0A10 10 0 1 1 10 0Z',
  },
  multiple: { path: 'M0-9.5L9-2.9L5.6 7.7H-5.6L-9-2.9Z' },
  parallelMultiple: {
    path: 'M-2.7-9H2.7V-2.7H9V2.7H2.7V9H-2.7V2.7H-9V-2.7H-2.7Z',
  },
};

/** By the kind of the gateway; those of event-based ones are made of circles and the sign of `multiple`. */
export const gatewaySigns: Readonly<Record<string, string>> = {
  exclusiveGateway: 'M-7-9L7 9M7-9L-7 9',
  parallelGateway: 'M0-11V11M-11 0H11',
  inclusiveGateway: 'M10.5 0A10.5 10.5 0 1 1-10.5 0A10.5 10.5 0 1 1 10.5 0Z',
  complexGateway: 'M0-11V11M-11 0H11M-7.8-7.8L7.8 7.8M7.8-7.8L-7.8 7.8',
};

/** Icons in the corner of a task, by its kind. */
export const taskIcons: Readonly<Record<string, Sign>> = {
  userTask: {
    isFilled: false,
    path:
      'M11.3 4.5A3.3 3.6 0 1 1 4.7 4.5A3.3 3.6 0 1 1 11.3 4.5ZM4.9 3.9C6.5 5 9.5 4.8 11 3.4' +
      'M5.8 8.2C2.8 9 1.5 11 1.5 15.5H14.5C14.5 11 13.2 9 10.2 8.2M4.8 15.5V12.5M11.2 15.5V12.5',
  },
  serviceTask: {
    isFilled: false,
    path:
      'M7-.5H9L9.5 1.6L11.2 2.3L13 1.2L14.4 2.6L13.3 4.4L14 6.1L16 6.6V8.6L14 9.1L13.3 10.8L14.4 12.6L13 14L11.2 12.9' +
      'L9.5 13.6L9 15.7H7L6.5 13.6L4.8 12.9L3 14L1.6 12.6L2.7 10.8L2 9.1L0 8.6V6.6L2 6.1L2.7 4.4L1.6 2.6L3 1.2L4.8 2.3' +
      'L6.5 1.6ZM11 7.6A3 3 0 1 1 5 7.6A3 3 0 1 1 11 7.6Z',
  },
  sendTask: { isFilled: true, path: 'M0 2.5H16V13.5H0Z', onFilled: 'M0 2.5L8 8.8L16 2.5' },
  receiveTask: { isFilled: false, path: 'M0 2.5H16V13.5H0ZM0 2.5L8 8.8L16 2.5' },
  manualTask: {
    isFilled: false,
    path:
      'M.5 7.5L6 2C7.5 1 8.5 2.5 7.5 3.5L6 5H14.5C16 5 16 7 14.5 7H10H15C16.5 7 16.5 9 15 9H10H14.2C15.7 9 15.7 11 14.2 11' +
      'H10H13C14.5 11 14.5 13 13 13H5C2.5 13 .5 12 .5 10.5Z',
  },
  scriptTask: {
    isFilled: false,
    path:
      'M5 .5H15C11 3.5 11 5.5 12.5 8S14 13 10.5 15.5H1C4.5 12.5 4.5 10.5 3 8S1.5 3.5 5 .5ZM5.5 4H10.5M5.5 7H10.8M6.5 10H12' +
      'M6.5 12.8H11',
  },
  businessRuleTask: {
    isFilled: false,
    path: 'M0 1.5H16V14.5H0ZM0 5H16M0 9.8H16M4.8 5V14.5',
    onFilled: 'M0 1.5H16V5H0Z',
  },
};

/** Markers at the lower edge of an activity. */
export const markerSigns = {
  loop: {
    isFilled: false,
    path: 'M5.2 13.2A6 6 0 1 1 9.5 13.6M5.2 13.2L1.8 13.8M5.2 13.2L4.6 9.8',
  },
  parallel: { isFilled: false, path: 'M3.5 2V14M8 2V14M12.5 2V14' },
  sequential: { isFilled: false, path: 'M2 3.5H14M2 8H14M2 12.5H14' },
  compensation: { isFilled: false, path: 'M7.5 3V13L.8 8ZM14.5 3V13L7.8 8Z' },
  adHoc: {
    isFilled: true,
    path: 'M1 9.8C2.8 5 5.2 4.6 7.8 7.3C10 9.5 12.5 9.5 15 5.2V7.6C13 12 10.4 12.4 7.6 9.6C5.4 7.4 3.4 7.6 1 12Z',
  },
  closed: { isFilled: false, path: 'M1 1H15V15H1ZM8 4V12M4 8H12' },
} as const satisfies Readonly<Record<string, Sign>>;

/** Small signs of states in their badges, in a square of 10 from the origin. */
export const badgeSigns: Readonly<Record<string, string>> = {
  completed: 'M1.5 5.5L4 8L8.5 2.5',
  running: 'M3 1.5L8.5 5L3 8.5Z',
  waiting: 'M9 5A4 4 0 1 1 1 5A4 4 0 1 1 9 5ZM5 2.8V5.2L6.8 6',
  incident: 'M5 1V6M5 8.3V9',
  retrying: 'M8.6 3.6A4 4 0 1 0 9 5.6M8.9 1V3.8H6.2',
  cancelled: 'M2 2L8 8M8 2L2 8',
};
