/**
 * Reads for `prove-blocklist`; it writes nothing. Behind it, in `aws/`: what is tagged (`account`), the web ACLs around tagged sets (`web`, with
 * `web-acls`, `rules`, `sets`), what they are attached to (`attachments`), whom they have seen (`samples`), what is below them (`networks`).
 */

import { attempted } from '../../shared/aws/attempted.ts';
import { readRows, type LedgerRows } from '../../shared/aws/blocklist/rows.ts';
import { isMalformed, parseNetwork } from '../../shared/judgement/addresses/parse.ts';
import { readConfig } from '../../shared/kernel/config.ts';
import type { Io, Located, Observed, Verification } from '../../shared/kernel/definition.ts';
import { RetryableError, TerminalError } from '../../shared/kernel/errors.ts';
import { openLedger } from '../../shared/kernel/ledger/access.ts';
import { blocklistsIn, readAccount, type Account } from './aws/account.ts';
import { balancerSubnetsOf, readEntries } from './aws/networks.ts';
import { readWeb, type Web } from './aws/web.ts';
import { memoryKey, refersTo, type Facts, type TaggedPrefixList, type WebAcl } from './decide.ts';

/** What is asked: a blocklist's name, an address or a network, or `null` for everything. */
export type Request = { readonly target: string | null };

/** Facts as they are seen here; the kernel adds what it knows. */
export type Seen = Observed<Facts>;

/** What a target is called: a blocklist is no resource of AWS's. */
const PREFIX = 'blocklist/';

/** The network that is asked about; `null`: the target is a blocklist's name, or there is none. */
function addressIn(target: string | null): string | null {
  const parsed = parseNetwork(target ?? '');
  return isMalformed(parsed) ? null : parsed.cidr;
}

type Memory = { readonly [key: string]: string };

interface Memories {
  readonly byBlocklist: ReadonlyMap<string, Memory>;
  readonly unread: readonly string[];
}

async function readMemories(blocklists: readonly string[], io: Io): Promise<Memories> {
  const ledger = openLedger(readConfig());
  const byBlocklist = new Map<string, Memory>();
  const unread: string[] = [];
  for (const blocklist of blocklists) {
    const read = await attempted(`what is remembered of ${blocklist}`, io, () => ledger.resource(PREFIX + blocklist));
    unread.push(...read.unread);
    byBlocklist.set(blocklist, read.value?.memory ?? {});
  }
  return { byBlocklist, unread };
}

async function readLists(
  { prefixLists }: Account,
  blocklist: string,
  io: Io,
): Promise<{ readonly lists: readonly TaggedPrefixList[]; readonly unread: readonly string[] }> {
  const lists: TaggedPrefixList[] = [];
  const unread: string[] = [];
  for (const { blocklist: tagged, ...list } of prefixLists) {
    if (tagged !== blocklist) continue;
    const read = await attempted(`prefix list ${list.id}`, io, () => readEntries(list.id, io));
    unread.push(...read.unread);
    lists.push({ ...list, entries: read.value });
  }
  return { lists, unread };
}

/** What all blocklists of a run have in common. */
interface Common {
  readonly account: Account;
  readonly web: Web;
  readonly ledger: LedgerRows;
  readonly memories: Memories;
  readonly address: string | null;
}

/** What is remembered of web ACLs that do not name the blocklist's sets any more; nothing while not all could be read. */
function forgotten(memory: Memory, webAcls: readonly WebAcl[], { unread }: Web): readonly string[] {
  const there = new Set(webAcls.map(({ id }) => memoryKey(id)));
  const known = Object.keys(memory).filter((key) => key.startsWith(memoryKey('')));
  return unread.length > 0 ? [] : known.filter((key) => !there.has(key));
}

async function factsAbout(blocklist: string, common: Common, io: Io): Promise<Seen> {
  const { account, web, ledger, memories, address } = common;
  const sets = web.sets.filter((set) => set.blocklist === blocklist);
  const arns = new Set(sets.map(({ arn }) => arn));
  const webAcls = web.webAcls.filter((acl) => refersTo(acl, arns));
  const { lists, unread } = await readLists(account, blocklist, io);
  return {
    blocklist,
    address,
    wishes: ledger.wishes,
    hasGuardLists: ledger.listRows.some(({ policy }) => policy.use !== 'block'),
    sets,
    webAcls,
    allowSets: web.allowSets,
    cloudFrontRanges: web.cloudFrontRanges,
    acls: account.acls.filter((acl) => acl.blocklist === blocklist),
    prefixLists: lists,
    balancerSubnets: balancerSubnetsOf(account.balancers, account.acls, blocklist),
    unread: [...account.unread, ...memories.unread, ...web.unread, ...unread],
    unreadScopes: web.unreadScopes,
    forget: forgotten(memories.byBlocklist.get(blocklist) ?? {}, webAcls, web),
  };
}

/**
 * Everything about the blocklists that are meant, read once for all of them.
 * @throws RetryableError while a place does not answer and nobody can say that nothing is tagged
 */
async function look(request: Request, only: string | null, io: Io): Promise<readonly Located<Seen>[]> {
  const [account, ledger] = await Promise.all([readAccount(io), readRows(io)]);
  const address = addressIn(request.target);
  const wanted = only ?? (address === null ? request.target : null);
  const all = blocklistsIn(account);
  const meant = wanted === null ? all : all.filter((name) => name === wanted);
  const [unasked] = account.unasked;
  if (meant.length === 0 && unasked !== undefined) throw new RetryableError(unasked);
  const memories = await readMemories(meant, io);
  const sets = account.sets.filter(({ blocklist }) => meant.includes(blocklist));
  const web = await readWeb(sets, rememberedIn(memories), io);
  const common = { account, web, ledger, memories, address };
  return Promise.all(
    meant.map(async (blocklist) => ({
      target: PREFIX + blocklist,
      facts: await factsAbout(blocklist, common, io),
    })),
  );
}

/** What is known of attachments, of all blocklists together the newest; where some of it could not be read nothing is read again. */
function rememberedIn({ byBlocklist, unread }: Memories): Parameters<typeof readWeb>[1] {
  const memory: { [key: string]: string } = {};
  for (const [key, value] of [...byBlocklist.values()].flatMap((each) => Object.entries(each)))
    // The text begins with the time of the reading.
    if (value > (memory[key] ?? '')) memory[key] = value;
  return { memory, mayRead: unread.length === 0 };
}

/** The blocklists that something is tagged with; of one that is asked for by its name only that. */
export function locate(request: Request, io: Io): Promise<readonly Located<Seen>[]> {
  return look(request, null, io);
}

/**
 * Reads one of them again.
 * @throws TerminalError where nothing is tagged with it any more
 */
export async function observe(target: string, request: Request, io: Io): Promise<Seen> {
  const [located] = await look(request, target.slice(PREFIX.length), io);
  if (located?.facts !== undefined) return located.facts;
  throw new TerminalError(`nothing is tagged with ${target.slice(PREFIX.length)} any more`);
}

/** No plan is ever made, so there is nothing to be sent. */
export const apply = {};

/** And nothing to be read back. */
export function verify(): Promise<Verification> {
  return Promise.resolve({ ok: true });
}
