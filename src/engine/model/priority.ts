/** How urgent the work of a process is. */

/** Classes of urgency, most urgent first. */
export const priorities = ['interactive', 'normal', 'batch'] as const;

/**
 * `interactive`: somebody waits for it. `normal`: what a business does all day. `batch`: it may take
 * until tomorrow. A class is served more often than the ones below it, and none is ever left out.
 */
export type Priority = (typeof priorities)[number];

/**
 * Of 21 places that become free while all classes have jobs, so many go to each; whoever is alone gets
 * all of them.
 */
export const priorityWeights: Readonly<Record<Priority, number>> = {
  interactive: 16,
  normal: 4,
  batch: 1,
};
