/** Trace contexts survive being written and read, and what the standard forbids is ignored. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  childTrace,
  formatTraceparent,
  newTrace,
  parseSpanId,
  parseTraceId,
  parseTraceparent,
} from './tracing.ts';

test('a context written as traceparent is read back the same', () => {
  for (let i = 0; i < 2000; i++) {
    const context = childTrace(newTrace());
    expect(context.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(context.spanId).toMatch(/^[0-9a-f]{16}$/);
    expect(parseTraceparent(formatTraceparent(context))).toEqual(context);
  }
});

test('a child keeps the trace and gets a span of its own', () => {
  const parent = newTrace();
  const child = childTrace(parent);
  expect(child.traceId).toBe(parent.traceId);
  expect(child.spanId).not.toBe(parent.spanId);
});

test.each([
  undefined,
  '',
  'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  '00-00000000000000000000000000000000-b7ad6b7169203331-01',
  '00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01',
  '00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01',
])('traceparent %s is ignored', (header) => {
  expect(parseTraceparent(header)).toBeNull();
});

test('noise is never read as a context', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(parseTraceparent(text)).toBeNull();
      expect(parseTraceId(`x${text}`)).toBeNull();
      expect(parseSpanId(`x${text}`)).toBeNull();
    }),
  );
});

test('a bare trace id may be a UUID', () => {
  expect(parseTraceId('0AF76519-16CD-43DD-8448-EB211C80319C')).toBe(
    '0af7651916cd43dd8448eb211c80319c',
  );
  expect(parseSpanId('b7ad6b7169203331')).toBe('b7ad6b7169203331');
});
