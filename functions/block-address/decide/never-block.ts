/** Keeps what nobody may have blocked: each source as it was last read well. */

import { NEVER_BLOCK } from '../../../shared/judgement/blocklist/rows.ts';
import type { Decision, PlannedCall } from '../../../shared/kernel/decision.ts';
import { plannedWrite } from '../../../shared/kernel/ledger/planned-write.ts';
import type { Facts, SourceReading } from './facts.ts';

/** The account has these by itself; an answer without them is no answer. */
const NEVER_EMPTY: ReadonlySet<string> = new Set(['prefix-lists']);

/** What is known of a source, and what was read of it now. */
interface Compared {
  readonly reading: SourceReading;
  readonly known: readonly string[] | null;
  readonly version: number;
}

function compared({ guard, sources }: Facts): readonly Compared[] {
  return sources.map((reading) => {
    const row = guard.neverBlock.find(({ source }) => source === reading.source);
    return { reading, known: row?.ranges ?? null, version: row?.version ?? 0 };
  });
}

/** Why a reading does not count; `undefined`: it does. */
function doubt({ reading: { source, ranges, fault }, known }: Compared): string | undefined {
  if (ranges === null) return fault ?? 'it could not be read';
  const isLost = ranges.length === 0 && known !== null && known.length > 0;
  return isLost && NEVER_EMPTY.has(source) ? 'it came back empty, which it never is' : undefined;
}

function isNews({ reading: { ranges }, known }: Compared): boolean {
  return known === null || known.join(' ') !== ranges?.join(' ');
}

function write({ reading: { source, ranges }, known, version }: Compared): PlannedCall {
  const [now, before] = [ranges ?? [], known ?? []];
  const [came, went] = [now.filter((one) => !before.includes(one)), before.filter((one) => !now.includes(one))];
  return plannedWrite(
    { partition: NEVER_BLOCK, key: source, ifVersion: version, value: { ranges: now } },
    `${source}: ${came.length} ranges more and ${went.length} fewer may not be blocked`,
  );
}

/** Writes the sources that have changed, and remembers when each was read: that wakes nobody. */
export function keepNeverBlock(facts: Facts, now: string): Decision {
  const all = compared(facts);
  const doubtful = all.flatMap((each) => {
    const why = doubt(each);
    return why === undefined ? [] : [[each.reading.source, why] as const];
  });
  const good = all.filter((each) => doubt(each) === undefined);
  const news = good.filter(isNews);
  const unread = Object.fromEntries(doubtful);
  const evidence = {
    ranges: Object.fromEntries(good.map(({ reading: { source, ranges } }) => [source, ranges?.length ?? 0])),
    ...(doubtful.length === 0 ? {} : { unread }),
  };
  // What is new counts as read once it stands: the look behind the write remembers it.
  const standing = good.filter((each) => !isNews(each));
  const remember = Object.fromEntries(standing.map(({ reading }) => [reading.source, now]));
  const said =
    doubtful.length === 0 ? '' : `; not read: ${Object.keys(unread).join(', ')}, the last good reading stands`;
  if (news.length === 0) {
    const because = `what may not be blocked is as it was${said}`;
    return { kind: 'nothing', code: 'unchanged', because, evidence, remember };
  }
  const because = `what may not be blocked has changed (${news.map(({ reading }) => reading.source).join(', ')})${said}`;
  return {
    kind: 'act',
    code: 'never-block-changed',
    because,
    evidence,
    remember,
    plan: news.map(write),
    intent: 'keep what may not be blocked',
    budget: 'free',
    more: true,
  };
}
