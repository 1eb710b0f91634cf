/** Reading mails in each encoding that a sender may choose. */
import { expect, test } from 'vitest';
import { parseMail } from './parse-mail.ts';

const lines = (...all: string[]) => all.join('\r\n');

test('folded headers, encoded words, quoted-printable text', () => {
  const mail = parseMail(
    lines(
      'From: Orderloom <orders@orderloom.example>',
      'Subject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe_an?=',
      ' =?UTF-8?B?IEFkYQ==?=',
      'Message-ID: <one@orderloom.example>',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      'Gr=C3=BC=C3=9Fe a=',
      'n alle',
      '',
    ),
  );
  expect(mail).toEqual({
    from: 'Orderloom <orders@orderloom.example>',
    subject: 'Grüße an Ada',
    messageId: 'one@orderloom.example',
    text: 'Grüße an alle\n',
  });
});

test('base64 and plain text', () => {
  const base64 = lines('Content-Transfer-Encoding: base64', '', 'SGVsbG8K');
  expect(parseMail(base64).text).toBe('Hello\n');
  expect(parseMail(lines('Subject: a', '', 'Hello', 'you')).text).toBe('Hello\nyou');
});

test('a mail without a body or headers is empty, not an error', () => {
  expect(parseMail('')).toEqual({ from: '', subject: '', messageId: '', text: '' });
});
