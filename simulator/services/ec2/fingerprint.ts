/** What a client token binds a request to. */

import { isShape, type Shape } from './state.ts';

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => sorted(item));
  if (!isShape(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .toSorted()
      .map((name) => [name, sorted(value[name])]),
  );
}

/** The request as far as a token binds it, its members in one order. */
export function fingerprint(input: Shape): string {
  const { ClientToken: _token, DryRun: _dryRun, ...bound } = input;
  return JSON.stringify(sorted(bound));
}
