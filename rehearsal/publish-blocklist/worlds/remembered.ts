/** What stands in the data ledger when a generated world of blocking begins: rows that operators wrote, not all of them well. */

import * as fc from 'fast-check';
import type { Shape } from '../../../simulator/engine/model.ts';
import { BEGIN } from '../../worlds/case.ts';
import { mostly, sometimes, timeAt } from '../../worlds/pieces.ts';
import { listed } from './networks.ts';

/** A row as it is drawn. */
export interface Row {
  readonly kind: 'block' | 'allow' | 'never-block' | 'shared-egress';
  readonly network: string;
  readonly isMalformed: boolean;
  readonly untilSeconds: number | undefined;
}

export const aRow: fc.Arbitrary<Row> = fc.record({
  kind: mostly<Row['kind']>('block', [30, 'allow'], [20, 'never-block'], [15, 'shared-egress']),
  network: listed,
  isMalformed: mostly(false, [4, true]),
  untilSeconds: sometimes(30, fc.constantFrom(70, 150)),
});

function valueOf({ kind, network, isMalformed, untilSeconds }: Row): Shape {
  if (isMalformed) return { ranges: 'everything', reasons: 'none', until: 'soon' };
  if (kind === 'block') return { reasons: [{ until: timeAt(Date.parse(BEGIN), untilSeconds ?? 86_400) }] };
  if (kind !== 'allow') return { ranges: [network] };
  const until = untilSeconds === undefined ? {} : { until: timeAt(Date.parse(BEGIN), untilSeconds) };
  return { why: 'the office', by: 'ops', ...until };
}

/** A network has one row in a partition. */
export function rowsOf(rows: readonly Row[]): readonly Shape[] {
  const items = rows.map((row, index): readonly [string, Shape] => {
    const key = row.kind === 'block' || row.kind === 'allow' ? row.network : `operators-${index + 1}`;
    return [`${row.kind} ${key}`, { partition: row.kind, key, value: valueOf(row) }];
  });
  return [...new Map(items).values()];
}
