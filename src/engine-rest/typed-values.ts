/**
 * Variables as this dialect writes them: `{ value, type, valueInfo }`. Variables of this engine are JSON;
 * an object or a list travels as type `Json`, its value being text. Dates are texts here, and stay texts.
 */
import { invalid } from './rest-error.ts';

/** A variable with its type. */
export interface TypedValue {
  readonly type: string;
  readonly value: unknown;
  readonly valueInfo: Readonly<Record<string, unknown>>;
}

const largestInteger = 2_147_483_647;

/** A variable for the client. */
export function typedValue(value: unknown): TypedValue {
  const typed = (type: string, written: unknown = value) => ({
    type,
    value: written,
    valueInfo: {},
  });
  if (value === null || value === undefined) return typed('Null', null);
  if (typeof value === 'string') return typed('String');
  if (typeof value === 'boolean') return typed('Boolean');
  if (typeof value === 'number') {
    if (!Number.isInteger(value)) return typed('Double');
    return typed(Math.abs(value) <= largestInteger ? 'Integer' : 'Long');
  }
  return typed('Json', JSON.stringify(value));
}

/** Variables for the client. */
export function typedValues(
  variables: Readonly<Record<string, unknown>>,
): Record<string, TypedValue> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, typedValue(value)]),
  );
}

/** A variable of the client; throws when it has no meaning here. */
export function plainValue(name: string, given: unknown): unknown {
  if (typeof given !== 'object' || given === null) {
    throw invalid(`expected variable "${name}" to be {"value": ..., "type": ...}`);
  }
  const { value = null, type } = given as { value?: unknown; type?: unknown };
  const kind = typeof type === 'string' ? type.toLowerCase() : '';
  if (value === null || kind === 'null') return null;
  switch (kind) {
    case '':
    case 'string':
    case 'date':
      return value;
    case 'boolean':
      return typeof value === 'string' ? value === 'true' : value;
    case 'short':
    case 'integer':
    case 'long':
    case 'double':
    case 'number': {
      const number = Number(value);
      if (Number.isFinite(number)) return number;
      throw invalid(`expected variable "${name}" to be a number, found ${JSON.stringify(value)}`);
    }
    case 'json':
      return parsed(name, value);
    case 'object': {
      const format = (given as { valueInfo?: { serializationDataFormat?: unknown } }).valueInfo
        ?.serializationDataFormat;
      if (typeof value !== 'string') return value;
      if (format === undefined || format === 'application/json') return parsed(name, value);
      throw invalid(`variable "${name}" is serialized as ${String(format)}; send application/json`);
    }
    default:
      throw invalid(
        `variable "${name}" is of type ${String(type)}; expected String, Boolean, Integer, Long, ` +
          'Double, Date, Json, Object (as application/json) or Null, and for files a reference to them',
      );
  }
}

/** Variables of the client; absent ones are none. */
export function plainValues(given: unknown): Record<string, unknown> {
  if (given === undefined || given === null) return {};
  if (typeof given !== 'object' || Array.isArray(given)) {
    throw invalid('expected variables to be an object of typed values');
  }
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, plainValue(name, value)]),
  );
}

function parsed(name: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value, refuseProto) as unknown;
  } catch {
    throw invalid(`expected variable "${name}" to be JSON, found text that is none`);
  }
}

/** Bodies are read without this name, and so is JSON within them. */
function refuseProto(name: string, value: unknown): unknown {
  if (name === '__proto__') throw new SyntaxError('expected another name than __proto__');
  return value;
}
