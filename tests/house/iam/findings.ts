/** What is wrong with the roles of a stack, given what its functions ask. Nothing found: they may do exactly that. */

import { resourceTypesOf } from './resource-types.ts';
import { enforcement } from '../../../build/function-file.ts';
import type { Asked } from './drills.ts';
import { STREAM_ACTIONS } from '../dependents.ts';
import { LEDGER_ACCESS } from './ledger.ts';
import { applies, evaluate, type Authorization, type PolicyStatement } from './policy.ts';
import { stackOf, type Place, type Stack, type Template } from './template.ts';
import { PEOPLES_TAGS } from './tags.ts';

/** A principal of the stack: a function or a schedule, with what its role may do. */
interface Principal {
  readonly name: string;
  readonly statements: readonly PolicyStatement[];
}

function principalsOf({ functions, schedules }: Stack): Principal[] {
  return [
    ...functions.map(({ runbook, statements }) => ({ name: runbook, statements })),
    ...schedules.map(({ id, statements }) => ({ name: id, statements })),
  ];
}

const told = ({ action, resource }: Authorization): string => `${action} on ${resource}`;

function refusals({ name, statements }: Principal, asked: readonly Asked[]): string[] {
  return asked.flatMap(({ authorization, drill }) =>
    evaluate(statements, authorization).allowed
      ? []
      : [`${name} may not ${told(authorization)}, which it does in ${drill}`],
  );
}

/** Parts of a statement: the same with one action, one resource, or with one value of a list of condition values. */
function parts(
  statement: PolicyStatement,
): { readonly what: string; readonly only: (asked: Authorization) => boolean }[] {
  const whole = statement.Action.flatMap((action) =>
    statement.Resource.map((resource) => ({
      what: `${action} on ${resource}`,
      only: (asked: Authorization) => applies({ ...statement, Action: [action], Resource: [resource] }, asked),
    })),
  );
  const values = Object.entries(statement.Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).flatMap(([key, list]) =>
      (list.length < 2 ? [] : list).map((value) => ({
        what: `the value ${value} of ${key}`,
        only: (asked: Authorization) => {
          const narrower = {
            ...statement.Condition,
            [operator]: { ...keys, [key]: list.filter((other) => other !== value) },
          };
          return applies(statement, asked) && !applies({ ...statement, Condition: narrower }, asked);
        },
      })),
    ),
  );
  return [...whole, ...values];
}

function unused({ name, statements }: Principal, asked: readonly Asked[]): string[] {
  return statements.flatMap((statement) =>
    parts(statement).flatMap(({ what, only }) =>
      asked.some(({ authorization }) => only(authorization))
        ? []
        : [`${name}: no drill needs ${what} (${statement.Sid})`],
    ),
  );
}

async function tooBroad({ name, statements }: Principal): Promise<string[]> {
  const found: string[] = [];
  for (const { Sid, Action, Resource } of statements) {
    for (const action of Action) {
      if (action.includes('*') || action.includes('?')) found.push(`${name}: ${action} is a wildcard (${Sid})`);
      else if (Resource.includes('*') && (await resourceTypesOf(action)).length > 0)
        found.push(`${name}: ${action} on every resource, though it knows kinds of them (${Sid})`);
    }
  }
  return found;
}

const withContext = (asked: Authorization, context: Authorization['context']): Authorization => ({
  ...asked,
  context: { ...asked.context, ...context },
});

/** Without the keys that begin so. */
function without(asked: Authorization, ...keys: readonly string[]): Authorization {
  return {
    ...asked,
    context: Object.fromEntries(
      Object.entries(asked.context).filter(([key]) => !keys.some((begin) => key.startsWith(begin))),
    ),
  };
}

function withoutTags(asked: Authorization): Authorization {
  const left = Object.entries(asked.context).filter(
    ([key]) =>
      !PEOPLES_TAGS.some((tag) => key.endsWith(`ResourceTag/${tag}`) || key.endsWith(`ExistingObjectTag/${tag}`)),
  );
  return { ...asked, context: Object.fromEntries(left) };
}

/** The same resource by another name: the last part of its ARN is somebody else's. */
function another(asked: Authorization, kind: string): Authorization {
  return { ...asked, resource: asked.resource.replace(kind, (whole) => `${whole}somebody-elses-`) };
}

interface Temptation {
  readonly why: string;
  readonly authorization: Authorization;
}

const PARTITIONS = ['switch', 'mode', 'resource', 'run', 'run-by-day', 'run-by-target', 'bucket', 'approval/kim'];

/** Other partitions of the ledger than those that the code uses with this action. */
function otherPartitions(asked: Authorization): Temptation[] {
  const own = new Set(
    Object.values(LEDGER_ACCESS).flatMap((accesses) =>
      accesses.filter(({ action }) => action === asked.action).map(({ partition }) => partition),
    ),
  );
  // Both reads share a statement: what the one reads, the other may read too.
  const shared = ['dynamodb:GetItem', 'dynamodb:Query'].includes(asked.action)
    ? ['switch', 'mode', 'run', 'resource']
    : [];
  const others = [...PARTITIONS, 'budget'].filter((partition) => !own.has(partition) && !shared.includes(partition));
  return [
    ...others.map((partition) => ({
      why: `the partition ${partition}`,
      authorization: withContext(asked, { 'dynamodb:LeadingKeys': [partition] }),
    })),
    { why: 'every partition at once', authorization: withContext(asked, { 'dynamodb:LeadingKeys': [] }) },
    { why: 'another table', authorization: another(asked, 'table/') },
  ];
}

const [ANOTHER_QUEUE, ANOTHER_FUNCTION] = ['another queue', 'another function'];

/** Statements about queues and functions of which nobody knows beforehand: a tag, or what they say of each other, decides. */
const ABOUT_ANY: ReadonlySet<string> = new Set([
  'CountJobsByArn',
  'GiveBackByArn',
  'ReadFunctionsByArn',
  'ReadQueuesByArn',
  'SendBackByArn',
  'TakeOutByTag',
]);

/** A call that makes something, and is not the one that was sent. */
function otherCreation(context: Authorization['context']): string {
  return context['ec2:CreateAction']?.includes('RunInstances') === true ? 'CreateVolume' : 'RunInstances';
}

/** What nobody asked and nobody is to have: each a small step from what was asked. */
function temptations(asked: Authorization, place: Place): Temptation[] {
  const { action, resource, context } = asked;
  const found: Temptation[] = [
    { why: 'another account', authorization: { ...asked, resource: resource.replace(place.account, '999999999999') } },
  ];
  if (context['ec2:CreateAction'] !== undefined) {
    found.push(
      { why: 'no creation', authorization: without(asked, 'ec2:CreateAction') },
      { why: 'another creation', authorization: withContext(asked, { 'ec2:CreateAction': [otherCreation(context)] }) },
    );
  } else if (/^ec2:(?:Create|Delete)Tags$/u.test(action)) {
    for (const keys of [['Name'], ['runbook:vip'], ['runbook:moved-at', 'runbook:fence'], []])
      found.push({
        why: `the tags ${keys.join(', ') || 'of no name'}`,
        authorization: withContext(asked, { 'aws:TagKeys': keys }),
      });
  }
  if (context['ec2:Vpc'] !== undefined && resource.includes(':network-interface/')) {
    found.push({
      why: 'another VPC',
      authorization: withContext(asked, {
        'ec2:Vpc': [`arn:aws:ec2:${place.region}:${place.account}:vpc/vpc-0eeeeeeeeeeeeeeee`],
      }),
    });
  }
  if (/^ec2:(?:CreateVolume|RunInstances)$/u.test(action) && context['aws:TagKeys'] !== undefined)
    found.push({ why: 'no tags on what it makes', authorization: without(asked, 'aws:RequestTag/', 'aws:TagKeys') });
  // What comes of a launch is held by its tags; without a template there is nothing to launch it from.
  if (action === 'ec2:RunInstances' && context['aws:TagKeys'] === undefined && !resource.includes(':launch-template/'))
    found.push({ why: 'no launch template', authorization: without(asked, 'ec2:LaunchTemplate') });
  if (action === 'ec2:TerminateInstances')
    found.push({
      why: 'no run that launched it',
      authorization: without(asked, 'aws:ResourceTag/runbook:run', 'ec2:ResourceTag/runbook:run'),
    });
  if (action === 'iam:PassRole')
    found.push(
      {
        why: 'another service',
        authorization: withContext(asked, { 'iam:PassedToService': ['lambda.amazonaws.com'] }),
      },
      { why: 'another role', authorization: another(asked, 'role/') },
    );
  if (/^ec2:Delete(?:Volume|Snapshot)$/u.test(action))
    found.push({
      why: 'no mark that it is superseded',
      authorization: without(asked, 'aws:ResourceTag/runbook:superseded-at', 'ec2:ResourceTag/runbook:superseded-at'),
    });
  // Asked directly as well, and it only tells: a key is named before EBS needs it.
  if (action.startsWith('kms:') && action !== 'kms:DescribeKey')
    found.push({ why: 'no service in between', authorization: without(asked, 'kms:ViaService') });
  if (action === 'kms:CreateGrant')
    found.push({ why: 'a grant for anybody', authorization: without(asked, 'kms:GrantIsForAWSResource') });
  if (action.startsWith('dynamodb:') && !STREAM_ACTIONS.includes(action)) found.push(...otherPartitions(asked));
  if (action === 'events:PutEvents') {
    found.push(
      { why: 'the source aws.health', authorization: withContext(asked, { 'events:source': ['aws.health'] }) },
      { why: 'another bus', authorization: another(asked, 'event-bus/') },
    );
  }
  if (action.startsWith('sqs:')) found.push({ why: ANOTHER_QUEUE, authorization: another(asked, `${place.account}:`) });
  if (action.startsWith('logs:')) found.push({ why: 'another log', authorization: another(asked, '/aws/lambda/') });
  if (action.startsWith('lambda:')) found.push({ why: ANOTHER_FUNCTION, authorization: another(asked, 'function:') });
  // One action deletes whatever the path says.
  if (action === 'apigateway:DELETE')
    for (const [why, path] of [
      ['the stage itself', /\/cache\/.*$/u],
      ['the whole API', /\/stages\/.*$/u],
    ] as const)
      found.push({ why, authorization: { ...asked, resource: resource.replace(path, '') } });
  // An action without resources, or a resource of an account that its ARN does not name, has nothing to exchange.
  return found.filter(({ authorization }) => JSON.stringify(authorization) !== JSON.stringify(asked));
}

function excesses({ name, statements }: Principal, asked: readonly Asked[], place: Place): string[] {
  return asked.flatMap(({ authorization }) => {
    const { by } = evaluate(statements, authorization);
    const allowed = temptations(authorization, place).filter(({ why, authorization: tempted }) => {
      const { allowed: isAllowed, by: sids } = evaluate(statements, tempted);
      const isAnother = why === ANOTHER_QUEUE || why === ANOTHER_FUNCTION;
      return isAllowed && !(isAnother && sids.every((sid) => ABOUT_ANY.has(sid)));
    });
    const untagged = withoutTags(authorization);
    const open =
      by.length > 0 && by.every((sid) => enforcement(sid) === 'tag') && evaluate(statements, untagged).allowed;
    return [
      ...allowed.map(({ why }) => `${name} may also ${authorization.action} with ${why} (${by.join(', ')})`),
      ...(open ? [`${name} may ${told(authorization)} without a tag of the people (${by.join(', ')})`] : []),
    ];
  });
}

/** Where most drills happen: what is used anywhere is used there. */
const HOME: Place = { account: '111122223333', region: 'eu-west-1' };

/** Compares a template with what was asked of its roles. One line per finding: refused, unused, too broad, or more than asked. */
export async function findings(template: Template, asked: readonly Asked[]): Promise<string[]> {
  const found: string[] = [];
  const places = new Map([HOME, ...asked.map(({ place }) => place)].map((place) => [JSON.stringify(place), place]));
  for (const [key, place] of places) {
    const there = asked.filter((one) => JSON.stringify(one.place) === key);
    for (const principal of principalsOf(stackOf(template, place))) {
      const own = there.filter(({ by }) => by === principal.name);
      found.push(...refusals(principal, own), ...excesses(principal, own, place));
      if (key === JSON.stringify(HOME)) {
        // What is global is asked for elsewhere, and is a statement of the home stack all the same.
        const anywhere = asked.filter(({ by }) => by === principal.name);
        found.push(...unused(principal, anywhere), ...(await tooBroad(principal)));
      }
    }
  }
  return [...new Set(found)];
}
