/**
 * The walls between the layers, as data, and the check that every import keeps to them.
 *
 * A layer is a folder of `src/`; each module and each integration is one of its own. Across a wall
 * only the public face, `index.ts`, may be imported; the kernel is public as a whole. `app` puts the
 * program together and may import everything, and nobody imports `app`.
 */
import { importedFiles } from './imports.ts';
import { isTestFile, type SourceFile } from './source-files.ts';

/** What each kind of layer may import, besides itself. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  kernel: [],
  postgres: ['kernel'],
  events: ['kernel', 'postgres'],
  engine: ['kernel', 'postgres'],
  procedures: ['kernel', 'postgres', 'events'],
  telemetry: ['kernel'],
  modules: ['kernel', 'postgres', 'events'],
  integrations: ['kernel'],
  processes: ['kernel', 'engine', 'modules'],
  http: ['kernel', 'engine', 'events', 'procedures', 'telemetry'],
  'engine-rest': ['kernel', 'engine'],
  app: [],
};

/** Layers whose direct subfolders are layers of their own. */
const divided = ['modules', 'integrations'];

/** What every integration stands on; these know no outside system, and so import no other one. */
const commonGround = ['openapi', 'remote', 'sandbox', 'transport'].map(
  (part) => `integrations/${part}`,
);

/** What every vendor of a port must do, as tests; each suite stands on the kernel and its one port. */
const portSuites = 'integrations/port-suites';

/** What the engine offers to tests of processes, wherever they stand. */
const testKit = 'src/engine/testing/index.ts';

interface Layer {
  /** `modules`; the row of the table. */
  readonly kind: string;
  /** `modules/orders`; what has the wall around it. */
  readonly name: string;
}

/** The layer of a path, or null outside `src/`. */
function layerOf(path: string): Layer | null {
  const [source, kind, part, ...rest] = path.split('/');
  if (source !== 'src' || kind === undefined || part === undefined) return null;
  const own = divided.includes(kind) && rest.length > 0;
  return { kind, name: own ? `${kind}/${part}` : kind };
}

/** Every broken wall, as sentences that say what was found and what to do. */
export function brokenWalls(files: readonly SourceFile[]): readonly string[] {
  const broken = files.flatMap((file) =>
    importedFiles(file).flatMap((target) => {
      const reason = reasonAgainst(file.path, target);
      return reason === null ? [] : [`${file.path} imports ${target}: ${reason}`];
    }),
  );
  return [...broken, ...secondPorts(files)];
}

function reasonAgainst(path: string, target: string): string | null {
  const from = layerOf(path);
  if (!from) return null;
  const rule = allowed[from.kind];
  if (!rule) return `src/${from.kind} is not a layer; put the file into one of those in walls.ts`;
  const to = layerOf(target);
  if (!to) return reasonAgainstOutside(path, target);
  if (from.name === to.name) return null;
  if (to.name === portSuites && !isTestFile(path)) {
    return 'a port suite is made of tests, and only tests may import it';
  }
  if (from.kind === 'app') return null;
  if (to.kind === 'app') return 'nobody imports app; hand the thing in from there instead';
  if (from.kind === to.kind) return reasonAgainstSibling(from, to);
  if (from.kind === 'integrations' && isPort(target)) return null;
  if (isTestFile(path) && target === testKit) return null;
  if (!rule.includes(to.kind)) {
    return `${from.kind} may import ${rule.join(', ') || 'nothing'}; take what it needs as a port`;
  }
  if (to.kind !== 'kernel' && target !== `src/${to.name}/index.ts`) {
    return `only the public face src/${to.name}/index.ts may be imported; export it there`;
  }
  return null;
}

/** Tests, and what the engine offers to tests, may use the support of the tests. */
function reasonAgainstOutside(path: string, target: string): string | null {
  const forTests = isTestFile(path) || path.startsWith('src/engine/testing/');
  if (forTests && target.startsWith('test/support/')) return null;
  if (target === 'package.json') return null;
  return 'src imports nothing outside src, except tests that import test/support';
}

function reasonAgainstSibling(from: Layer, to: Layer): string | null {
  if (to.name === portSuites && !commonGround.includes(from.name)) return null;
  if (commonGround.includes(to.name) && from.name !== portSuites) return null;
  return `${from.name} and ${to.name} know nothing of each other; go through a port wired in app`;
}

function isPort(target: string): boolean {
  return /^src\/modules\/[^/]+\/provider\.ts$/.test(target);
}

/** An integration serves one module, through that module's one port; so does each port suite. */
function secondPorts(files: readonly SourceFile[]): readonly string[] {
  const ports = new Map<string, Set<string>>();
  for (const file of files) {
    const from = layerOf(file.path);
    if (from?.kind !== 'integrations' || from.name === 'integrations') continue;
    const serves = from.name === portSuites ? file.path.replace(/^src\//, '') : from.name;
    const served = ports.get(serves) ?? new Set();
    for (const target of importedFiles(file)) if (isPort(target)) served.add(target);
    ports.set(serves, served);
  }
  return [...ports]
    .filter(([, served]) => served.size > 1)
    .map(
      ([name, served]) =>
        `src/${name} serves ${[...served].join(' and ')}: an integration serves one port; divide it`,
    );
}
