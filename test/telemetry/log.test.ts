import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { createLog, describeError } from '../../src/telemetry/log.ts';

function logged(write: (log: ReturnType<typeof createLog>) => void): readonly Record<string, unknown>[] {
  const lines: string[] = [];
  write(createLog({ level: 'info', destination: { write: (line: string) => void lines.push(line) } }));
  return lines.map(line => JSON.parse(line) as Record<string, unknown>);
}

test('a line is one JSON object with the level as a word and the time in RFC 3339', () => {
  const [line] = logged(log => log.info({ service: 'a/web', provider: 'main' }, 'ensured\nand more'));
  expect(line).toMatchObject({ level: 'info', service: 'a/web', provider: 'main', msg: 'ensured\nand more' });
  expect(line?.['time']).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
});

test('what lies under the level is not written', () => {
  expect(logged(log => log.debug('x'))).toEqual([]);
});

test('secrets by name are hidden, at the top and one level below', () => {
  const text = JSON.stringify(
    logged(log =>
      log.warn({ token: 's3cret', headers: { authorization: 's3cret' }, config: { password: 's3cret' } }, 'x'),
    ),
  );
  expect(text).not.toContain('s3cret');
});

describe('an error', () => {
  test('shows name, message, code and causes, and nothing that it carries along', () => {
    const cause = Object.assign(new Error('refused'), {
      code: 'ECONNREFUSED',
      options: { headers: { Authorization: 's3cret' } },
    });
    const [line] = logged(log => log.warn({ err: new Error('no answer', { cause }) }, 'x'));
    expect(line?.['err']).toMatchObject({
      name: 'Error',
      message: 'no answer',
      cause: { message: 'refused', code: 'ECONNREFUSED' },
    });
    expect(JSON.stringify(line)).not.toContain('s3cret');
  });

  test('is bounded, also where it causes itself', () => {
    const error = new Error('x'.repeat(100_000));
    error.cause = error;
    expect(JSON.stringify(describeError(error)).length).toBeLessThan(20_000);
  });

  test('need not be one', () => {
    expect(describeError('text')).toEqual({ name: 'string', message: 'text' });
    expect(describeError(undefined)).toEqual({ name: 'undefined', message: 'undefined' });
  });
});

test('nothing is lost when the process is killed right after a line', () => {
  const source = fileURLToPath(new URL('../../src/telemetry/log.ts', import.meta.url));
  const script = `const { createLog } = await import(${JSON.stringify(source)});
    const log = createLog({ level: 'info' });
    for (let n = 0; n < 1000; n++) log.info({ n }, 'line');
    process.kill(process.pid, 'SIGKILL');`;
  const { stdout, signal } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
  });
  expect(signal).toBe('SIGKILL');
  expect(
    stdout
      .trimEnd()
      .split('\n')
      .map(line => (JSON.parse(line) as { n: number }).n),
  ).toEqual(Array.from({ length: 1000 }, (_, n) => n));
});
