/** Files from outside are read in their order, and refused soon where they mean harm. */
import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { longestFile } from '../../kernel/drawing-size.ts';
import { walkXml, type XmlFault } from './walk-xml.ts';

const limits = { deepest: 5, mostElements: 10, remedy: 'divide it' };

/** What a visitor is told, and the fault at the end. */
function walked(xml: string, given = limits) {
  const told: string[] = [];
  const fault = walkXml(xml, given, {
    opened({ written, line, attributes }) {
      const each = attributes.map((one) => ` ${one.written}=${one.value}`);
      told.push(`${line} <${written}${each.join('')}>`);
    },
    closed: () => void told.push('close'),
    text: (text) => void told.push(text),
  });
  return { told, fault };
}

const faultOf = (xml: string): Partial<XmlFault> | null => walked(xml).fault;

it('tells of elements, attributes and text in their order, each element with its line', () => {
  const { told, fault } = walked(
    '<?xml version="1.0"?>\n<a>\n<b x="1 &lt; 2"/>t &amp; u<![CDATA[<v>]]>\n</a>',
  );
  expect(fault).toBeNull();
  expect(told).toEqual([
    ...['2 <a>', '\n', '3 <b x=1 < 2>', 'close', 't & u', '<v>', '\n', 'close'],
  ]);
});

it('counts lines past elements that only a comment or a text holds', () => {
  const xml = '<a><!--\n<b/>\n--><![CDATA[<b/>\n]]>\n<b/></a>';
  expect(walked(xml).told).toContain('5 <b>');
});

it('resolves prefixes where they are declared, and nowhere else', () => {
  const names: string[] = [];
  const xml =
    '<a xmlns="urn:1" xmlns:p="urn:2" plain="" p:own="" xml:lang="en"><p:b/><c xmlns="urn:3" xmlns:p="urn:4"><p:d/></c><p:e q:f=""/></a>';
  const fault = walkXml(xml, limits, {
    opened({ namespace, name, attributes }) {
      for (const one of [{ namespace, name }, ...attributes]) {
        names.push(`${one.namespace} ${one.name}`);
      }
    },
    closed: () => undefined,
  });
  expect(fault).toBeNull();
  expect(names).toEqual([
    ...['urn:1 a', ' plain', 'urn:2 own', 'http://www.w3.org/XML/1998/namespace lang'],
    ...['urn:2 b', 'urn:3 c', 'urn:4 d', 'urn:2 e', ' f'],
  ]);
});

test.each([
  ['a document type', '<!DOCTYPE x [<!ENTITY e "&e;">]>\n<a/>', 'no-doctype', 1],
  ['an element that does not end', '<a>\n<b>', 'xml-malformed', 2],
  ['an end that is of no element', '<a>\n</b></a>', 'xml-malformed', 2],
  ['an attribute twice', '<a>\n<b x="1" x="2"/></a>', 'xml-malformed', 2],
  ['nothing', '', 'xml-malformed', 1],
  ['a comment alone', '<!-- nothing -->', 'xml-malformed', 1],
  ['elements too deep', `<a>\n${'<b>'.repeat(5)}`, 'file-too-large', 2],
  ['too many elements', `<a>${'<b/>'.repeat(9)}\n<b/></a>`, 'file-too-large', 2],
  ['too many characters', ' '.repeat(longestFile + 1), 'file-too-large', 1],
] as const)('refuses %s', (_, xml, rule, line) => {
  expect(faultOf(xml)).toMatchObject({
    rule,
    line,
    message: expect.stringMatching(/^expected .*found/),
  });
});

it('takes what is just within the limits', () => {
  expect(faultOf('<a>'.repeat(5) + '</a>'.repeat(5))).toBeNull();
  expect(faultOf(`<a>${'<b/>'.repeat(9)}</a>`)).toBeNull();
});

it('tells of nothing after a fault', () => {
  expect(walked('<a><b x="1" x="2"/><c/></a>').told).toEqual(['1 <a>']);
});

it('answers any text, and never throws', () => {
  const pieces = fc.constantFrom(
    '<a',
    '>',
    '</a>',
    '/>',
    ' x="',
    '"',
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '&',
    '<?',
    '\n',
    ':',
  );
  fc.assert(
    fc.property(
      fc.array(fc.oneof(pieces, fc.string({ maxLength: 4 })), { maxLength: 20 }),
      (parts) => {
        const { told, fault } = walked(parts.join(''));
        if (fault === null) expect(told.filter((one) => one === 'close')).not.toEqual([]);
      },
    ),
  );
});

it('takes time in proportion to the file, however it is written', () => {
  const most = { ...limits, mostElements: 200_000 };
  const cpuMsOf = (xml: string) => {
    const before = process.cpuUsage();
    expect(walked(xml, most).fault).toBeNull();
    return process.cpuUsage(before).user / 1_000;
  };
  const declared = Array.from({ length: 5_000 }, (_, n) => ` xmlns:p${n}="urn:${n}"`).join('');
  // With lines counted and scopes copied anew for each element, either would take from ten seconds to minutes.
  expect(cpuMsOf(`<a>\n${'<b/>\n'.repeat(100_000)}</a>`)).toBeLessThan(4_000);
  expect(cpuMsOf(`<a${declared}>${'<b xmlns:p="urn:p"/>'.repeat(20_000)}</a>`)).toBeLessThan(4_000);
});
