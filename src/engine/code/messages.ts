/**
 * Messages that are waited for: what they are called, how they find their instance, and what they
 * carry. A filter has a fixed set of fields, so that it becomes an indexed key.
 */
import type { z } from 'zod';
import type { EventDefinition } from '../../kernel/event.ts';
import type { Procedure } from '../../kernel/procedure.ts';
import { AuthoringError, expectAuthored } from '../model/authoring-error.ts';
import { constant, type Expression } from '../model/expression.ts';
import type { CorrelationField, MessageEventDefinition } from '../model/process-model.ts';
import { authored, type Site } from './content.ts';
import type { Known, Scope } from './known.ts';
import { isTemplate, templateExpression } from './template.ts';

/** A message by its name, or by the event or procedure that causes it. */
export type MessageSource = string | EventDefinition | Procedure;

/** What a source's messages carry, where the source says so. */
export type PayloadSchema<Source> = Source extends { readonly payload: infer Payload }
  ? Payload
  : Source extends { readonly output: infer Output }
    ? Output
    : z.ZodUnknown;

type Constant = string | number | boolean;

/**
 * What a field of the payload must equal: a template (`'{{ on-order-created.id }}'`), a constant,
 * one of several constants, or what a function gives.
 */
export type FilterValue<K extends Known> =
  | Constant
  | readonly Constant[]
  | ((scope: Scope<K>) => Constant | null | undefined);

/** By top-level field of the payload. */
export type Filter<K extends Known> = Readonly<Record<string, FilterValue<K>>>;

/** What is waited for. */
export interface MessageOptions<K extends Known> {
  readonly on: MessageSource | readonly [MessageSource, ...MessageSource[]];
  readonly filter?: Filter<K>;
}

/** The names of the messages that a source stands for. */
export function namesOf(on: MessageSource | readonly MessageSource[]): readonly string[] {
  const sources = Array.isArray(on) ? (on as readonly MessageSource[]) : [on as MessageSource];
  return sources.map((source) => (typeof source === 'string' ? source : source.name));
}

/** The payload's schema: the one given, else that of the source. */
export function payloadSchemaOf(
  on: MessageSource | readonly MessageSource[],
  output: z.ZodType | undefined,
): z.ZodType | null {
  if (output) return output;
  if (typeof on === 'string' || Array.isArray(on)) return null;
  const source = on as EventDefinition | Procedure;
  return 'payload' in source ? source.payload : source.output;
}

/** One definition for each name and each combination of the constants that are listed. */
export function messageDefinitions(
  site: Site,
  id: string,
  options: MessageOptions<never>,
  payload: z.ZodType | null,
): MessageEventDefinition[] {
  const fields = Object.entries(options.filter ?? {});
  expectAuthored(
    fields.length > 0,
    `expected "${id}" to have a filter, such as { orderId: '{{ on-order-created.id }}' }: without ` +
      "one, anybody's message would move every instance",
  );
  const combinations = fields
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .reduce<CorrelationField[][]>(
      (before, [field, value]) =>
        valuesOf(site, id, field, value).flatMap((one) =>
          before.map((correlation) => [...correlation, { field, value: one }]),
        ),
      [[]],
    );
  return namesOf(options.on).flatMap((message) =>
    combinations.map((correlation) => ({
      type: 'message' as const,
      message,
      correlation,
      ...(payload && { payload }),
    })),
  );
}

function valuesOf(site: Site, id: string, field: string, value: unknown): Expression[] {
  if (typeof value === 'function') return [authored(site, value)];
  if (Array.isArray(value) && value.length > 0) {
    return value.flatMap((one) => valuesOf(site, id, field, one));
  }
  if (typeof value === 'string' && isTemplate(value)) return [templateExpression(site, value)];
  if (['string', 'number', 'boolean'].includes(typeof value)) return [constant(value)];
  throw new AuthoringError(
    `expected field "${field}" in the filter of "${id}" to be a template, a constant, a list of ` +
      `constants or a function, found ${JSON.stringify(value)}`,
  );
}
