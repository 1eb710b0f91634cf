/** Nothing that looks like a secret reaches a log line, however it was handed over. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLogger } from './logger.ts';
import { redact } from './redact.ts';

function logged(pretty: boolean) {
  const lines: string[] = [];
  const log = createLogger({
    level: 'debug',
    pretty,
    destination: { write: (line) => lines.push(line) },
  });
  return { log, lines };
}

test('secrets are redacted at any depth, in errors and in children', () => {
  const { log, lines } = logged(false);
  const error = Object.assign(new Error('cannot reach postgresql://app:hunter2@db/x'), {
    token: 'hunter2',
  });
  log
    .child({ headers: { authorization: 'Bearer hunter2' } })
    .error({ error, deep: [{ card: { cvc: 'hunter2', last4: '4242' } }] }, 'failed');
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toContain('hunter2');
  expect(JSON.parse(lines[0]!)).toMatchObject({
    level: 'error',
    msg: 'failed',
    headers: { authorization: '[redacted]' },
    deep: [{ card: { cvc: '[redacted]', last4: '4242' } }],
    error: { type: 'Error', token: '[redacted]' },
  });
});

test('whatever is under a secret name does not come out', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('password', 'cardToken', 'x-api-key', 'Authorization'),
      fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 5 }),
      (name, path) => {
        const secret = { [name]: 'hunter2' };
        const nested = path.reduce<unknown>((inner, key) => ({ [key]: inner }), secret);
        expect(JSON.stringify(redact(nested))).not.toContain('hunter2');
      },
    ),
  );
});

test('circles, bigints and bytes do not break a line', () => {
  const circle: Record<string, unknown> = { big: 10n, bytes: new Uint8Array(3) };
  circle.self = circle;
  const { log, lines } = logged(false);
  log.info(circle, 'odd');
  expect(JSON.parse(lines[0]!)).toMatchObject({ big: '10', bytes: '[3 bytes]' });
});

test('pretty lines are readable and redacted too', () => {
  const { log, lines } = logged(true);
  log.info({ orderId: 'o-1', password: 'hunter2', note: 'two words' }, 'order created');
  expect(lines.join('')).toMatch(
    /^\d\d:\d\d:\d\d\.\d{3} INFO {2}order created orderId=o-1 password="\[redacted\]" note="two words"\n$/,
  );
});
