/** The account and its stacks, as `doctor` reads them: the snapshot's reads, and a few of the stacks besides. */

import { IAMClient, SimulatePrincipalPolicyCommand, type EvaluationResult } from '@aws-sdk/client-iam';
import { ownVersion } from '../../build/source-version.ts';
import { readFunctionFile, rolesOf } from '../../build/function-file.ts';
import { client } from '../../shared/aws/clients.ts';
import { classify } from '../../shared/kernel/errors.ts';
import { isRecord } from '../../simulator/engine/json.ts';
import { pastedWorld, type ParsedWorld } from '../../simulator/world/world-file.ts';
import { schedulesOf } from '../operate/schedules.ts';
import type { Place, Stack } from '../operate/place.ts';
import { each, tried } from '../operate/reading.ts';
import { readAccount } from '../snapshot/account.ts';
import type { Asker, Row, Unread } from '../snapshot/asking.ts';
import { readLedger } from '../snapshot/ledger.ts';
import { ledgerOf, type FoundLedger } from '../snapshot/live.ts';
import { rowsOf, textOf, type Sections } from '../snapshot/reading/place.ts';
import { worldOf } from '../snapshot/world.ts';
import type { CommandIo } from '../terminal.ts';
import type { Denied, StackFacts } from './stack-facts.ts';

/** What was read. */
export interface Account {
  readonly world: ParsedWorld;
  readonly stacks: readonly StackFacts[];
  readonly unread: readonly Unread[];
}

const ANSWER_MS = 10_000;

/** Of what becomes of it a person hears by the finding. */
type Noted = { readonly unread: Unread[] };

function note({ unread }: Noted, call: string, region: string, error: unknown): void {
  const { name, message } = classify(error);
  const isDenied = name.includes('AccessDenied');
  unread.push({
    call,
    region,
    missing: isDenied ? [call] : [],
    message: message === '' ? name : `${name}: ${message}`,
  });
}

/** What an evaluation says against an action, beyond that a tag is missing in the question. */
function denialOf(runbook: string, found: EvaluationResult): Denied | undefined {
  const {
    EvalActionName: action = '',
    EvalDecision,
    OrganizationsDecisionDetail,
    PermissionsBoundaryDecisionDetail,
  } = found;
  if (OrganizationsDecisionDetail?.AllowedByOrganizations === false) return { runbook, action, by: 'organization' };
  if (PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary === false)
    return { runbook, action, by: 'boundary' };
  return EvalDecision === 'explicitDeny' ? { runbook, action, by: 'deny' } : undefined;
}

/** What the role of a runbook is to do, as this version has it. */
function actionsFor(runbook: string): readonly string[] {
  const ofLambda = rolesOf(readFunctionFile(runbook)).filter(({ principals }) =>
    principals.includes('lambda.amazonaws.com'),
  );
  return [...new Set(ofLambda.flatMap(({ statements }) => statements.flatMap(({ Action }) => Action)))].toSorted();
}

/** Asks IAM what it makes of the actions of a role. It answers without the resource, so that what is only not allowed says nothing. */
export async function simulatedRights(
  region: string,
  role: string,
  actions: readonly string[],
): Promise<readonly EvaluationResult[]> {
  const iam = client(IAMClient, { region, purpose: 'doctor', timeoutMs: ANSWER_MS });
  const found: EvaluationResult[] = [];
  let Marker: string | undefined;
  do {
    const answer = await iam.send(
      new SimulatePrincipalPolicyCommand({
        PolicySourceArn: role,
        ActionNames: [...actions],
        ...(Marker === undefined ? {} : { Marker }),
      }),
    );
    found.push(...(answer.EvaluationResults ?? []));
    Marker = answer.IsTruncated === true ? answer.Marker : undefined;
  } while (Marker !== undefined);
  return found;
}

async function rightsIn(
  { runbooks }: Stack,
  functions: readonly Row[],
  known: ReadonlySet<string>,
  noted: Noted & { readonly region: string; readonly rights: typeof simulatedRights },
): Promise<readonly Denied[]> {
  const found = await each(runbooks, async ({ name, functionName }) => {
    const role = textOf(functions.find((one) => one['FunctionName'] === functionName)?.['Role']);
    if (role === '' || !known.has(name)) return [];
    try {
      const evaluated = await noted.rights(noted.region, role, actionsFor(name));
      return evaluated.flatMap((one) => denialOf(name, one) ?? []);
    } catch (error) {
      note(noted, 'iam:SimulatePrincipalPolicy', noted.region, error);
      return [];
    }
  });
  return found.flat();
}

async function unreservedIn(ask: Asker, region: string): Promise<number | undefined> {
  const answer = await ask.one(region, 'lambda:GetAccountSettings', {});
  const limit = answer?.['AccountLimit'];
  const unreserved = isRecord(limit) ? limit['UnreservedConcurrentExecutions'] : undefined;
  return typeof unreserved === 'number' ? unreserved : undefined;
}

async function ledgerSection(found: FoundLedger, now: string, noted: Noted): Promise<Row> {
  if (found.kind === 'none') return {};
  try {
    if (found.kind === 'unread') throw new Error(found.why);
    const { section, unreadable } = await readLedger(found.source, Date.parse(now));
    const rest = { region: 'the ledger', missing: [], message: 'this version cannot read it' };
    noted.unread.push(...unreadable.map((what) => ({ ...rest, call: what })));
    return section;
  } catch (error) {
    note(noted, 'dynamodb:Query', 'the ledger', error);
    return {};
  }
}

/** Records of the account by service and collection. */
function recordsIn(sections: Sections): StackFacts['records'] {
  return (service, collection) => sections[service]?.[collection];
}

/** Asks for subscriptions once: a snapshot leaves out those that are not confirmed, which are what is looked for here. */
function listingOnce(ask: Asker): Asker {
  let listed: ReturnType<Asker['all']> | undefined;
  return {
    ...ask,
    all: (region, call, input, member) =>
      call === 'sns:ListSubscriptions'
        ? (listed ??= ask.all(region, call, input, member))
        : ask.all(region, call, input, member),
  };
}

/** Reads everything. What may not be read is told as such, and not there. */
export async function readAll(
  io: CommandIo,
  place: Place,
  { ask: asker, rights }: { readonly ask: Asker; readonly rights: typeof simulatedRights },
): Promise<Account> {
  const ask = listingOnce(asker);
  const { account, region, stacks } = place;
  const now = place.now();
  const unread: Unread[] = [];
  const noted = { unread, region, rights };
  const [first] = stacks;
  const read = await readAccount(ask, { account, regions: [region] });
  const [ledger, subscriptions, unreserved] = await Promise.all([
    ledgerOf(region, first?.prefix).then((found) => ledgerSection(found, now, noted)),
    ask.all(region, 'sns:ListSubscriptions', {}, 'Subscriptions'),
    unreservedIn(ask, region),
  ]);
  const { file } = worldOf({ now, account, region }, read, ledger);
  const summaries = (await io.functions()).map(({ summary }) => summary);
  const known = new Set(summaries.map(({ name }) => name));
  const functions = rowsOf(read.home['lambda']?.['Functions']);
  const facts = await each(stacks, async (stack): Promise<StackFacts> => {
    const [switches, modes, heartbeats, denied] = await Promise.all([
      tried(stack.book.switches),
      tried(stack.book.modes),
      tried(stack.heartbeats),
      rightsIn(stack, functions, known, noted),
    ]);
    return {
      stack,
      now,
      region,
      ownVersion: ownVersion(),
      schedules: schedulesOf(summaries),
      switches,
      modes,
      heartbeats,
      records: recordsIn(read.home),
      subscriptions,
      unreserved,
      denied,
    };
  });
  const once = new Map([...ask.unread(), ...noted.unread].map((one) => [`${one.region} ${one.call}`, one]));
  return { world: pastedWorld(file, now).world, stacks: facts, unread: [...once.values()] };
}
