/** What is wrong with a drawing: the rules of drawings, each with the place where it is broken. */
import type { FileProblem } from '../xml/file-problem.ts';
import type { AdviceRule } from './bpmnlint-rules.ts';
import type { RuleName } from './rules.ts';

/** One thing that is wrong with a drawing. */
export type DrawingProblem = FileProblem<RuleName | AdviceRule>;
