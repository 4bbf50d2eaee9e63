/**
 * Reads and writes for `publish-blocklist`. Behind it, in `aws/`: which sets there are (`enforcement-points`), and what is in them
 * (`ip-sets`).
 */

import { textOf, textsOf } from '../../shared/aws/planned-input.ts';
import {
  ALLOW,
  allowRowOf,
  BLOCK,
  blockRowsOf,
  NEVER_BLOCK,
  neverBlockRowOf,
} from '../../shared/judgement/blocklist/rows.ts';
import type { PlannedCall } from '../../shared/kernel/decision.ts';
import type { Change, Io, Located, Verification } from '../../shared/kernel/definition.ts';
import { classify, RetryableError } from '../../shared/kernel/errors.ts';
import { dataWrite } from '../../shared/kernel/ledger/data-write.ts';
import { DATA_WRITE } from '../../shared/kernel/ledger/planned-write.ts';
import { openData, type DataItem } from '../../shared/kernel/ledger/data.ts';
import { findPoints, type Point } from './aws/enforcement-points.ts';
import { readSet, updateIpSet } from './aws/ip-sets.ts';
import { PUBLISHED, type Facts, type Published } from './decide.ts';

/** What started the run: a name or an ARN, or `null` for every set. */
export type Request = { readonly target: string | null };

/** Facts as they are seen here; the kernel adds what it knows. */
export type Seen = Omit<Facts, 'history'>;

/** WAF answers five readings a second to all callers of an account: between two of ours there is room for others. */
const BETWEEN_READINGS_MS = 250;

/** The ledger's part of the facts: the same for every set. */
type Wishes = Pick<Seen, 'blocks' | 'unreadable' | 'allow' | 'neverBlock'>;

async function readWishes(): Promise<Wishes> {
  const data = openData();
  const [blocks, allow, neverBlock] = await Promise.all([data.list(BLOCK), data.list(ALLOW), data.list(NEVER_BLOCK)]);
  const { rows, unreadable } = blockRowsOf(blocks);
  return {
    blocks: rows,
    unreadable,
    allow: allow.map(allowRowOf),
    neverBlock: neverBlock.map(neverBlockRowOf),
  };
}

/** What is ours in a set. A note that cannot be read is not an empty one: what is ours would stay for ever. */
function publishedIn(item: DataItem | undefined): Published {
  if (item === undefined) return { mine: [], version: 0 };
  return { mine: textsOf(item.value, 'mine'), version: item.version };
}

function isMeant({ arn, name, blocklist }: Point, target: string | null): boolean {
  return target === null || [arn, name, blocklist].includes(target);
}

/** The sets that are tagged, one after the other; one that cannot be understood comes with that as its own fault. */
export async function locate({ target }: Request, io: Io): Promise<readonly Located<Seen>[]> {
  const [points, wishes] = await Promise.all([findPoints(io), readWishes()]);
  const located: Located<Seen>[] = [];
  for (const point of points.filter((each) => isMeant(each, target))) {
    if (located.length > 0) await io.sleep(BETWEEN_READINGS_MS);
    located.push(await lookAt(point, wishes, io));
  }
  return located;
}

async function lookAt(point: Point, wishes: Wishes, io: Io): Promise<Located<Seen>> {
  try {
    return { target: point.arn, facts: await factsAbout(point.arn, point, wishes, io) };
  } catch (error) {
    return { target: point.arn, fault: classify(error) };
  }
}

async function factsAbout(arn: string, point: Point | undefined, wishes: Wishes, io: Io): Promise<Seen> {
  const [set, item] = await Promise.all([
    point === undefined ? null : readSet(point, io),
    openData().read(PUBLISHED, arn),
  ]);
  return { arn, set, published: publishedIn(item), ...wishes };
}

/** Reads one set again. */
export async function observe(target: string, _request: Request, io: Io): Promise<Seen> {
  const [points, wishes] = await Promise.all([findPoints(io), readWishes()]);
  const point = points.find(({ arn }) => arn === target);
  return factsAbout(target, point, wishes, io);
}

/** The changing calls a plan may hold. */
export const apply: { readonly [call: string]: Change } = {
  [DATA_WRITE]: dataWrite,
  'wafv2:UpdateIPSet': updateIpSet,
};

/**
 * Reads the set back. Where it is not what was written, somebody has changed it since, and it is looked at again.
 * @throws RetryableError
 */
export async function verify(
  target: string,
  plan: readonly PlannedCall[],
  _request: Request,
  io: Io,
): Promise<Verification> {
  const update = plan.find(({ call }) => call === 'wafv2:UpdateIPSet');
  if (update === undefined) return { ok: true };
  const [name, id] = [textOf(update.input, 'Name'), textOf(update.input, 'Id')];
  const set = await readSet({ arn: target, name, id, blocklist: '' }, io);
  const wanted = new Set(textsOf(update.input, 'Addresses'));
  const isThere =
    set !== null && set.addresses.length === wanted.size && set.addresses.every((cidr) => wanted.has(cidr));
  if (isThere) return { ok: true };
  throw new RetryableError(`${name} is not what was written: somebody has changed it since`);
}
