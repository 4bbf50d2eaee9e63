import { describe, expect, it } from 'vitest';
import { canonical } from '../../../shared/kernel/json.ts';

describe('canonical', () => {
  it('gives equal values equal text, whatever the order of their keys', () => {
    expect(canonical({ b: 1, a: [true, null, 'x'] })).toBe('{"a":[true,null,"x"],"b":1}');
  });
  it('leaves out members that are undefined', () => {
    expect(canonical({ a: undefined, b: 2 })).toBe('{"b":2}');
  });
});
