/** How much can be deployed together, all or none of it: in a file of its own, so that callers can ask first. */

/** Files of one deployment. */
export const mostDeployedFiles = 500;

/** Bytes of the body of one deployment: a few of the largest drawings, or as many as may be of 80 kB. */
export const mostDeployedBytes = 40_000_000;
