import { describe, expect, it } from 'vitest';
import { shortSpan } from '../../../rehearsal/whatif/spans.ts';

describe('a span in five columns', () => {
  it.each([
    [0, '0s'],
    [119, '119s'],
    [120, '2m'],
    [667, '11m'],
    [7_199, '120m'],
    [7_200, '2h00m'],
    [21_960, '6h06m'],
    [36_000, '10h'],
    [108_360, '30h'],
    [345_600, '4d'],
    ['unknown', '?'],
  ] as const)('%s is %s', (seconds, text) => {
    expect(shortSpan(seconds)).toBe(text);
  });
});
