/**
 * How PostgreSQL's values look in JavaScript. Nothing loses a digit or shifts by a time zone:
 *
 * | PostgreSQL       | JavaScript                                             |
 * |------------------|--------------------------------------------------------|
 * | numeric          | string, e.g. `'99.90'`; read it with `fromDecimal`      |
 * | bigint, count(*) | string; `Number(...)` for counts, `BigInt(...)` for ids |
 * | integer          | number                                                 |
 * | timestamptz      | Date                                                   |
 * | date             | string, `'2026-01-31'`                                  |
 * | json, jsonb      | the parsed value                                       |
 *
 * A bigint column is a string and not a `bigint`, because rows travel into JSON and logs, where a
 * `bigint` throws. For writing: an array becomes a PostgreSQL array and any other object becomes
 * JSON, so an array that is meant as JSON is to be given as `JSON.stringify(array)`.
 */
import pg from 'pg';

const dateOid = pg.types.builtins.DATE;
const asText = (value: string) => value;

/** The parsers that every connection of this program uses. */
export const valueTypes: pg.CustomTypesConfig = {
  getTypeParser(oid, format) {
    if (Number(oid) === dateOid) return asText;
    return format === 'binary'
      ? pg.types.getTypeParser(oid, 'binary')
      : pg.types.getTypeParser(oid);
  },
};
