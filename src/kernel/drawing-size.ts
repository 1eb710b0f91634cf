/**
 * How large a file of drawings or decisions may be. Whoever reads one asks here, so that none is refused by one
 * reader and taken by the next.
 */

/** Characters of one file. A larger one is refused before it is parsed. */
export const longestFile = 10_000_000;

/** Bytes of the longest file that there can be in UTF-8, where a character has four of them at most. */
export const mostFileBytes = 4 * longestFile;
