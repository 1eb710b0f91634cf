/** The driver's conversion of values to what it sends; exported by it, but not in its types. */
declare module 'pg/lib/utils.js' {
  const utils: { prepareValue(value: unknown): unknown };
  // biome-ignore lint/style/noDefaultExport: a CommonJS module, seen from here.
  export default utils;
}
