/**
 * Correlation as the standard has it: a correlation property says for each message which field of it holds the
 * value, a key says which properties belong together, and a subscription of a process says what the values are
 * for its instances. Without a subscription they are those of the message that began the instance. A wait
 * whose drawing says it in our extension does not need any of it.
 */
import type { ModdleElement } from 'bpmn-moddle';
import type { CorrelationField } from '../../model/event-definitions.ts';
import type { Expression, Variables } from '../../model/expression.ts';
import { everyMember } from '../../model/named-values.ts';
import { elementOf, elementsOf, idOf, kindOf, textOf } from '../moddle-values.ts';
import type { Report } from '../report.ts';

/** Where a message that may have begun an instance left a value. */
export interface ValuePlace {
  /** Variable of what began the instance; `*`: its members are variables. */
  readonly variable: string;
  readonly field: string;
}

/** Reads the first of these places that has a value; null when none has. */
export function valueOfFirst(source: string, places: readonly ValuePlace[]): Expression {
  return Object.freeze({
    source,
    evaluate(variables: Variables): unknown {
      for (const { variable, field } of places) {
        const holder = variable === everyMember ? variables : variables[variable];
        if (typeof holder !== 'object' || holder === null || !Object.hasOwn(holder, field))
          continue;
        const value = (holder as Readonly<Record<string, unknown>>)[field];
        if (value !== null && value !== undefined) return value;
      }
      return null;
    },
  });
}

/** What is read of an expression of the standard. */
type ReadExpression = (at: ModdleElement, expression: ModdleElement) => Expression | null;

/** The correlation properties, keys and subscriptions of a file, as one of its processes sees them. */
export class CorrelationKeys {
  readonly #process: ModdleElement;
  readonly #report: Report;
  readonly #roots: readonly ModdleElement[];

  constructor(process: ModdleElement, report: Report) {
    this.#process = process;
    this.#report = report;
    this.#roots = elementsOf(process.$parent ?? process, 'rootElements');
  }

  /**
   * How a wait for this message finds its instance; empty when no key has all of its values in the message.
   * Each value is read from what the subscription binds it to, else from what began the instance.
   */
  waitFor(message: ModdleElement, read: ReadExpression): readonly CorrelationField[] {
    const key = this.#keyOf(message);
    if (!key) return [];
    return this.#properties(key).flatMap((property) => {
      const field = this.#fieldIn(property, message);
      const value = this.#bound(key, property, read) ?? this.#begun(property);
      return field === null || value === null ? [] : [{ field, value }];
    });
  }

  /** The fields of a message by which the starts of one instance find each other, each with its property. */
  startBy(message: ModdleElement): readonly CorrelationField[] {
    const key = this.#keyOf(message);
    if (!key) return [];
    return this.#properties(key).flatMap((property) => {
      const field = this.#fieldIn(property, message);
      return field === null ? [] : [{ field, value: valueOfFirst(propertyName(property), []) }];
    });
  }

  /** The one key all of whose properties can be read from the message. */
  #keyOf(message: ModdleElement): ModdleElement | undefined {
    const own = elementsOf(this.#process, 'correlationSubscriptions').flatMap(
      (one) => elementOf(one, 'correlationKeyRef') ?? [],
    );
    const all = this.#roots.flatMap((root) => [
      ...elementsOf(root, 'correlationKeys'),
      ...elementsOf(root, 'conversations').flatMap((one) => elementsOf(one, 'correlationKeys')),
    ]);
    const isOf = (key: ModdleElement) => {
      const properties = this.#properties(key);
      return properties.length > 0 && properties.every((one) => retrieval(one, message));
    };
    const found = [...new Set(own.length > 0 ? own : all)].filter(isOf);
    if (found.length > 1) {
      this.#report.add(
        'correlation-key',
        this.#process,
        `expected one correlation key that message "${textOf(message, 'name') ?? idOf(message)}" has all values of, found ${found.map((one) => textOf(one, 'name') ?? idOf(one)).join(', ')}`,
        'leave one of them, or say at the wait which field it is',
      );
    }
    return found[0];
  }

  #properties(key: ModdleElement): readonly ModdleElement[] {
    return elementsOf(key, 'correlationPropertyRef');
  }

  #fieldIn(property: ModdleElement, message: ModdleElement): string | null {
    const path = elementOf(retrieval(property, message) ?? property, 'messagePath');
    const text = ((path && textOf(path, 'body')) ?? '').trim().replace(/^=\s*/, '');
    if (/^[A-Za-z_]\w*$/.test(text)) return text;
    this.#report.add(
      'correlation-key',
      property,
      `expected the message path of "${propertyName(property)}" to be one field of the message, found "${text}"`,
      'name a field at the top of what the message carries, such as orderId',
    );
    return null;
  }

  #bound(key: ModdleElement, property: ModdleElement, read: ReadExpression): Expression | null {
    const subscription = elementsOf(this.#process, 'correlationSubscriptions').find(
      (one) => elementOf(one, 'correlationKeyRef') === key,
    );
    const binding = elementsOf(subscription ?? key, 'correlationPropertyBinding').find(
      (one) => elementOf(one, 'correlationPropertyRef') === property,
    );
    const path = binding && elementOf(binding, 'dataPath');
    return path ? read(this.#process, path) : null;
  }

  /** The value that the message had by which the instance began; null when none of them has it. */
  #begun(property: ModdleElement): Expression | null {
    const places = elementsOf(this.#process, 'flowElements')
      .filter((element) => kindOf(element) === 'startEvent')
      .flatMap((start) => {
        const said = elementsOf(elementOf(start, 'extensionElements') ?? start, 'values');
        const result = said.map((one) => textOf(one, 'result')).find((one) => one !== undefined);
        return elementsOf(start, 'eventDefinitions').flatMap((definition) => {
          const message = elementOf(definition, 'messageRef');
          if (!message || !retrieval(property, message)) return [];
          const field = this.#fieldIn(property, message);
          return field === null ? [] : [{ variable: result ?? 'input', field }];
        });
      });
    return places.length === 0 ? null : valueOfFirst(propertyName(property), places);
  }
}

function retrieval(property: ModdleElement, message: ModdleElement): ModdleElement | undefined {
  return elementsOf(property, 'correlationPropertyRetrievalExpression').find(
    (one) => elementOf(one, 'messageRef') === message,
  );
}

function propertyName(property: ModdleElement): string {
  return textOf(property, 'name') ?? idOf(property);
}
