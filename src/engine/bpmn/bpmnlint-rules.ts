/**
 * The rules that bpmnlint recommends, each with its place here. Those about what a process needs to run are errors
 * of ours, by other names; those about good drawings are warnings, said by bpmnlint itself; and those that advise
 * against what this engine runs are left out.
 */
import type { RuleName } from './rules.ts';

/** What becomes of a rule of bpmnlint. */
export type Place =
  | { readonly as: 'error'; readonly rules: readonly RuleName[] }
  | { readonly as: 'warning'; readonly remedy: string }
  | { readonly as: 'off'; readonly why: string };

/** Every rule of `bpmnlint:recommended`, version 11, with its place. */
export const bpmnlintRules = {
  'ad-hoc-sub-process': { as: 'error', rules: ['adhoc-content'] },
  'conditional-flows': { as: 'error', rules: ['condition-missing', 'default-conditional'] },
  'end-event-required': { as: 'error', rules: ['end-missing'] },
  'event-based-gateway': { as: 'error', rules: ['event-gateway-target'] },
  'event-sub-process-typed-start-event': { as: 'error', rules: ['event-subprocess-start'] },
  'fake-join': { as: 'warning', remedy: 'draw a gateway where flows come together' },
  global: { as: 'warning', remedy: 'define it once, by one name, and refer to it' },
  'label-required': { as: 'warning', remedy: 'give it a name that people read' },
  'link-event': { as: 'error', rules: ['link-unmatched'] },
  'no-bpmndi': { as: 'warning', remedy: 'open the file in a drawing tool and place it' },
  'no-complex-gateway': { as: 'off', why: 'complex gateways run here' },
  'no-disconnected': { as: 'error', rules: ['unreachable', 'dead-end'] },
  'no-duplicate-sequence-flows': {
    as: 'warning',
    remedy: 'take one of the two out: two tokens go on',
  },
  'no-gateway-join-fork': {
    as: 'warning',
    remedy: 'draw one gateway that joins and one that forks',
  },
  'no-implicit-split': { as: 'warning', remedy: 'draw a gateway behind it' },
  'no-implicit-end': { as: 'error', rules: ['dead-end'] },
  'no-implicit-start': { as: 'error', rules: ['unreachable', 'start-missing'] },
  'no-inclusive-gateway': {
    as: 'off',
    why: 'inclusive gateways run here, with the join of the standard',
  },
  'no-overlapping-elements': { as: 'warning', remedy: 'move one of them' },
  'single-blank-start-event': { as: 'error', rules: ['start-several'] },
  'single-event-definition': { as: 'off', why: 'events with several definitions run here' },
  'start-event-required': { as: 'error', rules: ['start-missing'] },
  'sub-process-blank-start-event': { as: 'error', rules: ['subprocess-start'] },
  'superfluous-gateway': { as: 'warning', remedy: 'take it out' },
  'superfluous-label': { as: 'warning', remedy: 'take the name out' },
  'superfluous-termination': { as: 'warning', remedy: 'draw a plain end event' },
} as const satisfies Readonly<Record<string, Place>>;

/** The name of a rule of bpmnlint. */
export type AdviceRule = keyof typeof bpmnlintRules;
