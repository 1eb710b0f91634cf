/**
 * The program's metrics, read by Prometheus at `/actuator/prometheus`. Labels take only names that
 * the program itself declares (procedures, route patterns), so that no caller can make new series.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Where measurements are taken, and the registry that they end up in. */
export interface Metrics {
  readonly registry: Registry;
  /** One call of a procedure ended: `success`, a refusal's or fault's code, or `bug`. */
  procedureCalled(call: {
    readonly procedure: string;
    readonly outcome: string;
    readonly seconds: number;
  }): void;
  /** One HTTP request was answered. `route` is the pattern, never the path that was asked for. */
  requestAnswered(request: {
    readonly method: string;
    readonly route: string;
    readonly status: number;
    readonly seconds: number;
  }): void;
  /**
   * Adds a gauge that is read anew at every scrape: how another layer (the engine: instances,
   * queue lengths, incidents) shows its state. Each label set of the answer is one series.
   */
  addGauge(gauge: {
    readonly name: string;
    readonly help: string;
    readonly labels?: readonly string[];
    read(): GaugeReading | Promise<GaugeReading>;
  }): void;
  /** Adds a counter; the returned function counts. */
  addCounter(counter: {
    readonly name: string;
    readonly help: string;
    readonly labels?: readonly string[];
  }): (labels?: Readonly<Record<string, string>>, by?: number) => void;
}

/** What a gauge shows now: one value, or one for each set of labels. */
export type GaugeReading =
  | number
  | readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];

const secondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Makes an empty registry with the process's own metrics (memory, CPU, event loop) in it. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const calls = new Histogram({
    name: 'orderloom_procedure_seconds',
    help: 'Time of procedure calls by name and outcome (success, or the code of the refusal or fault)',
    labelNames: ['procedure', 'outcome'],
    buckets: secondsBuckets,
    registers,
  });
  const requests = new Histogram({
    name: 'orderloom_http_request_seconds',
    help: 'Time of HTTP requests by route pattern, method and status',
    labelNames: ['method', 'route', 'status'],
    buckets: secondsBuckets,
    registers,
  });
  return {
    registry,
    procedureCalled: ({ procedure, outcome, seconds }) =>
      calls.observe({ procedure, outcome }, seconds),
    requestAnswered: ({ method, route, status, seconds }) =>
      requests.observe({ method, route, status: String(status) }, seconds),
    addGauge({ name, help, labels = [], read }) {
      new Gauge({
        name,
        help,
        labelNames: [...labels],
        registers,
        async collect() {
          const reading = await read();
          this.reset();
          if (typeof reading === 'number') this.set(reading);
          else for (const { labels: set, value } of reading) this.set(set, value);
        },
      });
    },
    addCounter({ name, help, labels = [] }) {
      const counter = new Counter({ name, help, labelNames: [...labels], registers });
      return (set = {}, by = 1) => counter.inc(set, by);
    },
  };
}
