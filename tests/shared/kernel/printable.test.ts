import { array, assert, constantFrom, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable } from '../../../shared/kernel/printable.ts';

describe('printable', () => {
  it.each([
    ['plain, ünïcode, 健康, emoji 🙂', 'plain, ünïcode, 健康, emoji 🙂'],
    ['two\nlines', 'two\nlines'],
    ['web\u001b[2J\u001b]0;title\u0007', String.raw`web\u001b[2J\u001b]0;title\u0007`],
    ['\u009b5m', String.raw`\u009b5m`],
    ['a\rb\tc\u007fd\u0000', String.raw`a\u000db\u0009c\u007fd\u0000`],
    ['\u202eabc\u2066\u200f\u061c', String.raw`\u202eabc\u2066\u200f\u061c`],
    ['zero\u200b\u200d\u2060\ufeff\u00ad\u034f\u3164', String.raw`zero\u200b\u200d\u2060\ufeff\u00ad\u034f\u3164`],
    ['\u2028\u2029', String.raw`\u2028\u2029`],
    ['\u{e0041}\ud800', String.raw`\udb40\udc41\ud800`],
  ])('writes %j as %s', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it('leaves a JSON document the same document', () => {
    const unit = constantFrom(
      ...Array.from('ab"\\/ \n\r\t\u0000\u001b\u007f\u009b\u00ad\u200b\u202e\u2028\ufeff\ud800\udc00🙂健\u{e0041}'),
    );
    assert(
      property(array(string({ unit })), (value) => {
        expect(JSON.parse(printable(JSON.stringify(value, null, 2)))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
