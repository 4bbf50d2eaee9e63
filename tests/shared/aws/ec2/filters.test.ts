import { expect, it } from 'vitest';
import { literally } from '../../../../shared/aws/ec2/filters.ts';

it.each([
  ['ops', 'ops'],
  ['*', String.raw`\*`],
  ['o?s', String.raw`o\?s`],
  [String.raw`o\*`, String.raw`o\\\*`],
])('a filter finds %s by %s alone', (text, value) => {
  expect(literally(text)).toBe(value);
});
