import type { Field, Message, Schema } from './schema.ts';

const integers: Readonly<Record<string, readonly [bigint, bigint]>> = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
};

/**
 * What is wrong with a JSON value as a message of this type: unknown fields, wrong types, values that an enum does not have. As the real API, and
 * unlike proto3's own reading, text is no number and a number no text. Pure.
 */
export function faultsOf(schema: Schema, message: Message, value: unknown, path: string): readonly string[] {
  if (!isRecord(value)) return [`Invalid value for field '${path}': an object is expected.`];
  return Object.entries(value).flatMap(([name, part]) => {
    const field = message.fields[name];
    if (field === undefined) return [`Invalid JSON payload received. Unknown name "${name}" at '${path}'.`];
    if (part === null) return [];
    return fieldFaults(schema, message, name, field, part, `${path}.${name}`);
  });
}

function fieldFaults(
  schema: Schema,
  message: Message,
  name: string,
  field: Field,
  value: unknown,
  path: string,
): readonly string[] {
  const one = (part: unknown, at: string) => scalarFaults(schema, message, name, field.type, part, at);
  if (field.keyType !== undefined) {
    if (!isRecord(value)) return [`Invalid value for field '${path}': a map is expected.`];
    return Object.entries(value).flatMap(([key, part]) => one(part, `${path}.${key}`));
  }
  if (field.rule !== 'repeated') return one(value, path);
  if (!Array.isArray(value)) return [`Invalid value for field '${path}': a list is expected.`];
  return value.flatMap((part, index) => one(part, `${path}[${index}]`));
}

function scalarFaults(
  schema: Schema,
  message: Message,
  name: string,
  type: string,
  value: unknown,
  path: string,
): readonly string[] {
  const wrong = [`Invalid value for field '${path}': ${JSON.stringify(value)} is no ${type}.`];
  const range = integers[type];
  if (range !== undefined) return isInteger(value, range, type) ? [] : wrong;
  switch (type) {
    case 'string': {
      if (typeof value !== 'string') return wrong;
      const values = message.enumOf(name);
      return values === undefined || values.has(value)
        ? []
        : [`Invalid value for field '${path}': '${value}'. Must be one of ${[...values].join(', ')}.`];
    }
    case 'bool':
      return typeof value === 'boolean' ? [] : wrong;
    case 'float':
    case 'double':
      return typeof value === 'number' ? [] : wrong;
    default:
      return faultsOf(schema, schema.message(type), value, path);
  }
}

/** 64 bits come as text, as JSON's numbers lose some of them. */
function isInteger(value: unknown, [least, most]: readonly [bigint, bigint], type: string): boolean {
  const text = typeof value === 'string' && type.endsWith('64') && /^-?\d{1,20}$/.test(value);
  if (!text && !Number.isInteger(value)) return false;
  const number = BigInt(value as string | number);
  return number >= least && number <= most;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
