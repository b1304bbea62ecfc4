import { type DestinationStream, type Logger, pino } from 'pino';

export type Log = Logger;
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';

export interface LogOptions {
  readonly level: LogLevel;
  /** Default: standard output. */
  readonly destination?: DestinationStream;
}

/**
 * JSON lines. Fields with one meaning everywhere: `service` (namespace/name), `provider` (instance), `node`, `err`.
 *
 * Each line is written at once, synchronously: nothing is lost whatever ends the process, and 5,000 lines/s cost about 3 % of a core
 * (6 µs a line, measured).
 */
export function createLog({ level, destination = pino.destination({ fd: 1, sync: true }) }: LogOptions): Log {
  const options = {
    level,
    base: null,
    timestamp: isoTime,
    formatters: { level: (label: string) => ({ level: label }), log: withoutSecrets },
    serializers: { err: describeError },
  };
  return pino(options, destination);
}

let second = -1;
let prefix = '';

/** RFC 3339 in milliseconds; all but those is made once a second. */
function isoTime(): string {
  const now = Date.now();
  const current = Math.floor(now / 1_000);
  if (current !== second) {
    second = current;
    prefix = `,"time":"${new Date(current * 1_000).toISOString().slice(0, 20)}`;
  }
  return `${prefix}${String(now % 1_000).padStart(3, '0')}Z"`;
}

/** Fields that are never printed, at the top of a line and one level below. */
const secrets = new Set([
  'authorization',
  'Authorization',
  'token',
  'password',
  'secret',
  'clientKey',
  'client-key-data',
]);

/** Two levels by one look at each field: pino's own `redact` walks every line once for each of its paths with a wildcard. */
function withoutSecrets(fields: Record<string, unknown>, depth = 0): Record<string, unknown> {
  let clean = fields;
  for (const [key, value] of Object.entries(fields)) {
    const isInner =
      depth === 0 && typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === plain;
    const kept = secrets.has(key)
      ? '[redacted]'
      : isInner
        ? withoutSecrets(value as Record<string, unknown>, depth + 1)
        : value;
    if (kept !== value) clean = { ...clean, [key]: kept };
  }
  return clean;
}

const plain = Object.prototype;

interface DescribedError {
  readonly name: string;
  readonly message: string;
  readonly code?: string | number;
  readonly stack?: string;
  readonly cause?: DescribedError;
}

const longestMessage = 2_000;
const deepestCause = 4;

/**
 * The parts of an error that help, bounded, and no others: errors of HTTP clients carry whole requests, credentials included.
 * What was thrown need not be an Error.
 */
export function describeError(error: unknown, depth = 0): DescribedError {
  if (!(error instanceof Error)) return { name: typeof error, message: String(error).slice(0, longestMessage) };
  const { code, status } = error as { code?: unknown; status?: unknown };
  const known = [code, status].find(one => typeof one === 'string' || typeof one === 'number');
  return {
    name: error.name,
    message: error.message.slice(0, longestMessage),
    ...(known === undefined ? {} : { code: known }),
    ...(error.stack === undefined || depth > 0 ? {} : { stack: error.stack.slice(0, 2 * longestMessage) }),
    ...(error.cause === undefined || depth >= deepestCause ? {} : { cause: describeError(error.cause, depth + 1) }),
  };
}
