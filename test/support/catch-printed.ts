/** What commands print, for tests that read it. */
import { vi } from 'vitest';

/** Catches what is printed from now on; gives the way to run a command and to have what it prints. */
export function catchPrinted(): (command: Promise<void>) => Promise<string> {
  const printed = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  return async (command) => {
    printed.mockClear();
    await command;
    return printed.mock.calls.flat().join('\n');
  };
}
