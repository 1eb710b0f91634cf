/** What one file is translated with. */
import type { Report } from '../report.ts';

/** The file's report, whose words it uses, and what stands for its Java. */
export interface DialectContext {
  readonly report: Report;
  readonly vendor: 'camunda' | 'flowable';
  /** Procedures by the class, bean or expression that stands for them in the drawing. */
  readonly delegates: Readonly<Record<string, string>>;
}
