/** Where the data goes when nobody says so. */
import { expect, test } from 'vitest';
import { defaultDataFolder, systemFolder } from './data-folder.ts';

test('an ordinary user has the data in the project, by port', () => {
  const at = (port: number) =>
    defaultDataFolder({ projectFolder: '/home/ann/shop', port, asRoot: false });
  expect(at(3001)).toBe('/home/ann/shop/.orderloom/3001');
  expect(at(3002)).toBe('/home/ann/shop/.orderloom/3002');
});

test.runIf(process.getuid?.() === 0)('root has it in the system, by project and port', () => {
  const at = (projectFolder: string, port: number) =>
    defaultDataFolder({ projectFolder, port, asRoot: true });
  expect(at('/root/a', 3001)).toMatch(new RegExp(`^${systemFolder()}/[0-9a-f]{10}-3001$`));
  expect(at('/root/a/', 3001)).toBe(at('/root/a', 3001));
  expect(new Set([at('/root/a', 1), at('/root/b', 1), at('/root/a', 2)]).size).toBe(3);
});
