/** Who comes in: the rules of a web ACL and the entries of a network ACL asked one after the other, as AWS asks them. It shares nothing with the runbook. */

import { BlockList } from 'node:net';
import type { Shape } from '../../simulator/engine/model.ts';
import { isRecord } from '../../simulator/engine/json.ts';

/** A request, as far as generated rules look at it. */
export interface Request {
  readonly client: string;
  readonly country: string;
  /** Addresses in `X-Forwarded-For`; `undefined`: it has no such header. */
  readonly forwarded: readonly string[] | undefined;
}

/** What a world has of AWS WAF. */
export interface Waf {
  /** Addresses of IP sets by ARN. */
  readonly sets: { readonly [arn: string]: readonly string[] };
  readonly groups: readonly Shape[];
}

/** Members of a list that are objects. */
export function shapesIn(value: unknown): readonly Shape[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

export function shapeIn(value: unknown): Shape {
  return isRecord(value) ? value : {};
}

function textIn(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Whether an address of IPv4 lies in one of the networks. */
export function isWithin(address: string, networks: readonly string[]): boolean {
  const list = new BlockList();
  for (const network of networks) {
    const [base = '', bits] = network.split('/');
    list.addSubnet(base, Number(bits), 'ipv4');
  }
  return list.check(address, 'ipv4');
}

interface Asked extends Waf {
  readonly request: Request;
  readonly labels: Set<string>;
}

function matchesSet({ ARN, IPSetForwardedIPConfig: config }: Shape, { sets, request }: Asked): boolean {
  const networks = sets[textIn(ARN)] ?? [];
  if (!isRecord(config)) return isWithin(request.client, networks);
  const { forwarded } = request;
  if (forwarded === undefined) return false;
  const { Position: position } = config;
  if (position === 'ANY') return forwarded.slice(-10).some((address) => isWithin(address, networks));
  return isWithin((position === 'FIRST' ? forwarded[0] : forwarded.at(-1)) ?? '', networks);
}

/** By an object's one member, as statements have it. */
function matches(statement: unknown, prefix: string, asked: Asked): boolean {
  const [[kind, value] = ['', undefined]] = Object.entries(shapeIn(statement));
  const inner = shapeIn(value);
  const all = (): readonly boolean[] => shapesIn(inner['Statements']).map((each) => matches(each, prefix, asked));
  if (kind === 'IPSetReferenceStatement') return matchesSet(inner, asked);
  if (kind === 'GeoMatchStatement') return JSON.stringify(inner).includes(`"${asked.request.country}"`);
  if (kind === 'LabelMatchStatement') {
    const key = textIn(inner['Key']);
    return asked.labels.has(key) || asked.labels.has(prefix + key);
  }
  if (kind === 'NotStatement') return !matches(inner['Statement'], prefix, asked);
  if (kind === 'AndStatement') return all().every(Boolean);
  if (kind === 'OrStatement') return all().some(Boolean);
  // One request is never too many.
  return false;
}

function kindOf(action: unknown): string {
  return Object.keys(shapeIn(action))[0] ?? 'None';
}

/** With what the rules end; `undefined`: with none of them. */
function endOf(rules: readonly Shape[], prefix: string, overrides: readonly Shape[], asked: Asked): string | undefined {
  const inOrder = rules.toSorted((one, other) => Number(one['Priority']) - Number(other['Priority']));
  for (const rule of inOrder) {
    const end = endOfRule(rule, prefix, overrides, asked);
    if (end !== undefined) return end;
  }
  return undefined;
}

function endOfRule(rule: Shape, prefix: string, overrides: readonly Shape[], asked: Asked): string | undefined {
  const reference = shapeIn(shapeIn(rule['Statement'])['RuleGroupReferenceStatement']);
  const group = asked.groups.find(({ ARN }) => ARN !== undefined && ARN === reference['ARN']);
  if (group !== undefined) {
    const { Rules, LabelNamespace: own } = group;
    const end = endOf(shapesIn(Rules), textIn(own), shapesIn(reference['RuleActionOverrides']), asked);
    return kindOf(rule['OverrideAction']) === 'Count' ? undefined : end;
  }
  if (!matches(rule['Statement'], prefix, asked)) return undefined;
  for (const { Name } of shapesIn(rule['RuleLabels'])) asked.labels.add(prefix + textIn(Name));
  const instead = overrides.find(({ Name }) => Name === rule['Name']);
  const action = kindOf(instead?.['ActionToUse'] ?? rule['Action']);
  return action === 'Count' ? undefined : action;
}

/** Whether a web ACL lets a request through: by a rule, or since no rule has decided. */
export function passesWebAcl(acl: Shape, request: Request, waf: Waf): boolean {
  const asked: Asked = { ...waf, request, labels: new Set() };
  const end = endOf(shapesIn(acl['Rules']), textIn(acl['LabelNamespace']), [], asked);
  return end === undefined || end === 'Allow';
}

/** Whether a network ACL lets in what an address sends, by whatever protocol. */
export function passesNetworkAcl(acl: Shape, address: string): boolean {
  const inward = shapesIn(acl['Entries']).filter(({ Egress }) => Egress !== true);
  const inOrder = inward.toSorted((one, other) => Number(one['RuleNumber']) - Number(other['RuleNumber']));
  const met = inOrder.filter(({ CidrBlock }) => isWithin(address, [textIn(CidrBlock)]));
  // Of a denial of one protocol there are others.
  const first = met.find(({ RuleAction, Protocol }) => RuleAction === 'allow' || Protocol === '-1');
  return first?.['RuleAction'] === 'allow';
}
