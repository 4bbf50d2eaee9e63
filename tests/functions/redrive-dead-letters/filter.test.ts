/** Which letters a filter wants, what it says of an expression that it does not take, and that no expression takes for ever. */

import { array, assert, constantFrom, oneof, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { filterOf } from '../../../functions/redrive-dead-letters/decide/filter.ts';
import { seenLetter, type RawLetter } from '../../../functions/redrive-dead-letters/decide/seen-letter.ts';
import { BadInputError } from '../../../shared/kernel/errors.ts';
import { arnOf, NOW } from './queue-facts.ts';

function seen(raw: RawLetter): ReturnType<typeof seenLetter> {
  return seenLetter(raw, { bytes: 321, attempts: 2, now: NOW });
}

function withBody(body: unknown): ReturnType<typeof seenLetter> {
  return seen({ Body: typeof body === 'string' ? body : JSON.stringify(body) });
}

const ORDER = seen({
  MessageId: 'm-1',
  Body: JSON.stringify({ kind: 'order', total: 0, tags: ['vip', 'eu'], items: [{ sku: 'a', n: 2 }], it: "it's" }),
  Attributes: {
    SentTimestamp: String(Date.parse(NOW) - 7_200_500),
    ApproximateReceiveCount: '4',
    DeadLetterQueueSourceArn: arnOf('orders'),
    MessageGroupId: 'tenant-7',
  },
  MessageAttributes: {
    ErrorCode: { DataType: 'Number', StringValue: '429' },
    price: { DataType: 'Number.eur', StringValue: '12.5' },
    id: { DataType: 'Number', StringValue: '12345678901234567890' },
    note: { DataType: 'String', StringValue: '7' },
    blob: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2, 255]) },
  },
});

describe('a letter, as a filter sees it', () => {
  it('has its body as JSON, its attributes as values, and what SQS says of it', () => {
    expect(JSON.parse(JSON.stringify(ORDER))).toEqual({
      body: { kind: 'order', total: 0, tags: ['vip', 'eu'], items: [{ sku: 'a', n: 2 }], it: "it's" },
      attributes: { ErrorCode: 429, price: 12.5, id: '12345678901234567890', note: '7', blob: 'AQL/' },
      messageId: 'm-1',
      group: 'tenant-7',
      source: 'orders',
      sentAt: '2026-11-22T05:59:59.500Z',
      ageSeconds: 7_200,
      receiveCount: 4,
      attempts: 2,
      bytes: 321,
      errorClass: '429',
    });
  });

  it('has nothing where SQS says nothing', () => {
    expect({ ...seen({}), attributes: {} }).toEqual({
      body: '',
      attributes: {},
      messageId: '',
      group: null,
      source: null,
      sentAt: null,
      ageSeconds: null,
      receiveCount: 0,
      attempts: 2,
      bytes: 321,
      errorClass: null,
    });
    expect(seen({ Attributes: { SentTimestamp: '1e99' } }).sentAt).toBeNull();
  });

  it.each([
    ['its text where it is no JSON', 'hello', 'hello'],
    ['a number', '7', 7],
    [
      'its text where it is nested more deeply than can be walked',
      '['.repeat(200_000) + ']'.repeat(200_000),
      undefined,
    ],
  ])('has for its body %s', (_what, body, is) => {
    expect(withBody(body).body).toEqual(is ?? body);
  });

  it.each([
    ['ErrorCode', { MessageAttributes: { ErrorCode: { DataType: 'Number', StringValue: '200' } } }, '200'],
    ['ERROR_CODE', { MessageAttributes: { ERROR_CODE: { DataType: 'String', StringValue: 'TIMEOUT' } } }, 'TIMEOUT'],
    ['ErrorMessage', { MessageAttributes: { ErrorMessage: { DataType: 'String', StringValue: 'no' } } }, 'no'],
    ['an error type', { Body: '{"responsePayload":{"errorType":"E"},"requestContext":{"condition":"C"}}' }, 'E'],
    ['a condition', { Body: '{"requestContext":{"condition":"EventAgeExceeded"}}' }, 'EventAgeExceeded'],
    ['a condition that is no text', { Body: '{"requestContext":{"condition":7}}' }, null],
    ['an empty attribute', { MessageAttributes: { ErrorCode: { DataType: 'String', StringValue: '' } } }, null],
  ])('has its error class by %s', (_by, raw, is) => {
    expect(seen(raw).errorClass).toBe(is);
  });
});

describe('a filter', () => {
  it.each([
    ["body.kind == 'order'"],
    ['body.total'],
    ['body.total == `0`'],
    ["source == 'orders' && ageSeconds > `3600`"],
    ["contains(body.tags, 'vip')"],
    ["contains(['order', 'refund'], body.kind)"],
    ["body.items[?sku == 'a' && n >= `2`]"],
    ['contains(`["order"]`, body.kind)'],
    ['attributes.price > `12`'],
    ["attributes.note == '7'"],
    ["errorClass == '429' || attempts > `5`"],
    ["group == 'tenant-7'"],
    ['!(body.gone)'],
    ['body.items[0].n'],
    ['max_by(body.items, &n).sku'],
    ["body.it == 'it\\'s'"],
    ['`"false"`'],
  ])('wants a letter by %s', (expression) => {
    expect(filterOf(expression)(ORDER)).toBe('wanted');
  });

  it.each([
    ["body.kind == 'refund'"],
    ['body.gone'],
    ['body.constructor'],
    ['attributes.toString'],
    ['body.gone > `0`'],
    ['body.kind > `0`'],
    ['`false`'],
    ['`null`'],
    ["''"],
    ['`[]`'],
    ['`{}`'],
    ['avg(`[]`)'],
    ["body.items[?sku == 'z']"],
  ])('does not want it by %s', (expression) => {
    expect(filterOf(expression)(ORDER)).toBe('not-wanted');
  });

  it('finds a member that somebody has named like one of every object', () => {
    const filter = filterOf('body.constructor');
    expect([filter(withBody({ constructor: 'x' })), filter(withBody({}))]).toEqual(['wanted', 'not-wanted']);
    expect(filterOf('body."__proto__".a')(seen({ Body: '{"__proto__":{"a":1}}' }))).toBe('wanted');
  });

  it('says of a letter that it fails where a value in it has another type', () => {
    const filter = filterOf("starts_with(body.kind, 'or')");
    expect([filter(ORDER), filter(withBody({ kind: 7 })), filter(withBody('text'))]).toEqual([
      'wanted',
      'fails',
      'fails',
    ]);
  });

  it('leaves a letter as it is, and says the same of it each time', () => {
    const before = JSON.stringify(ORDER);
    const filter = filterOf("sort_by(body.tags, &@)[0] == 'eu' && body.tags[0] == 'vip'");
    expect([filter(ORDER), filter(ORDER), JSON.stringify(ORDER)]).toEqual(['wanted', 'wanted', before]);
  });
});

const PIECES = [
  'body .a [0] [*] [] [? ] ( ) && || ! == < \'x\' `1` `[]` "a" @ * & | , contains length sort_by keys { : \\ \' ` " 😀 -1'.split(
    ' ',
  ),
  [' '],
].flat();

function complaintOf(expression: string): string {
  try {
    filterOf(expression);
  } catch (error) {
    if (error instanceof BadInputError && error.path === 'params.filter') return error.message;
    throw error;
  }
  return 'taken';
}

describe('an expression that is not taken', () => {
  it.each([
    ['', 'params.filter: is empty: leave it out, or say which letters'],
    [' \n', 'params.filter: is empty: leave it out, or say which letters'],
    ['a'.repeat(1_001), 'params.filter: has 1001 characters, at most 1000 are taken'],
    ['body.kind ==', 'params.filter: at its end: it ends too early'],
    ['body.kind order', 'params.filter: at character 11 (order): this is not expected here'],
    ["body.kind = 'a'", "params.filter: at character 11 (= 'a'): this cannot be read"],
    ["'😀' == body x", 'params.filter: at character 14 (x): this is not expected here'],
    ['`order`', 'params.filter: at character 1 (`order`): this cannot be read'],
    ['"a"(b)', 'params.filter: at character 1 ("a"(b)): quoted identifiers cannot be used as a function name'],
    ['contains(body)', 'params.filter: Expected at least 2 arguments for function contains(), received 1'],
    ['constructor', 'params.filter: this cannot be read'],
    ['__proto__', 'params.filter: this cannot be read'],
    ['a\u202e', String.raw`params.filter: at character 2 (\u202e): this cannot be read`],
  ])('%j: %s', (expression, complaint) => {
    expect(complaintOf(expression)).toBe(complaint);
  });

  it.each([
    ['body.kind == "order"', 14, 'single ones'],
    ['contains(body.kind, "order")', 21, 'single ones'],
    ['ageSeconds > 3600', 14, 'between backticks'],
    ['a.x && !body.kind', 8, 'write !(a.b)'],
    ['no_such(body)', 1, 'no_such() is none of the functions'],
    ['a && join(`,`, b)', 6, 'join() is none of the functions'],
    ['reverse (body)', 1, 'reverse() is none of the functions'],
    ['[@,@]|[@,@]', 1, 'makes no new lists'],
    ['[*, @]', 1, 'makes no new lists'],
    ['a.{b: c}', 3, 'makes no new lists'],
    ['to_string(to_string(to_string(to_string(@))))', 1, 'more than three times'],
    [String.raw`body == 'a\'b\'c'`, 9, 'two escaped quotes'],
  ])('%s: at character %i, %s', (expression, position, why) => {
    const complaint = complaintOf(expression);
    expect(complaint).toContain(`params.filter: at character ${position} (`);
    expect(complaint).toContain(why);
    expect(complaint).not.toContain('\n');
  });

  it('is told as such, whatever it is made of', () => {
    const expressions = oneof(
      array(constantFrom(...PIECES), { maxLength: 40 }).map((pieces) => pieces.join('')),
      string({ maxLength: 60, unit: 'binary' }),
    );
    const outcomeOf = (expression: string): string => {
      const complaint = complaintOf(expression);
      return complaint === 'taken' ? filterOf(expression)(ORDER) : complaint;
    };
    const outcome = /^(?:params\.filter: [^\n]+|wanted|not-wanted|fails)$/u;
    assert(
      property(expressions, (expression) => {
        expect(outcomeOf(expression)).toMatch(outcome);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('no expression takes for ever', () => {
  const numbers = withBody(Array.from({ length: 20_000 }, (_one, index) => (index * 7_919) % 100_003));
  const deep = withBody('['.repeat(2_000) + ']'.repeat(2_000));
  it.each([
    ['('.repeat(490) + 'body' + ')'.repeat(490)],
    ['!'.repeat(990) + '@'],
    [`body${'[*]'.repeat(4)}`],
    [`body${'[]'.repeat(4)}`],
    [`${'sort_by('.repeat(60)}body${', &@)'.repeat(60)}`],
    ['to_string(to_array(to_string(to_array(to_string(to_array(body))))))'],
    [Array.from({ length: 45 }, () => 'contains(body, `-1`)').join('||')],
    ['body == body'],
  ])('%.40s', (expression) => {
    const filter = filterOf(expression);
    for (const letter of [numbers, deep]) expect(['wanted', 'not-wanted', 'fails']).toContain(filter(letter));
  });
});
