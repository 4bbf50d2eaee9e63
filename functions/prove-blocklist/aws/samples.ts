/** Requests that WAF has kept samples of: who was blocked, and who was let in. */

import { GetSampledRequestsCommand, WAFV2Client, type SampledHTTPRequest } from '@aws-sdk/client-wafv2';
import { attempted, type Reading } from '../../../shared/aws/attempted.ts';
import { regionOf } from '../../../shared/aws/blocklist/tagged-sets.ts';
import { client } from '../../../shared/aws/clients.ts';
import { isMalformed, parseNetwork } from '../../../shared/judgement/addresses/parse.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import { DEFAULT_ACTION, type Sample, type WebRule } from '../decide.ts';
import { BETWEEN_READINGS_MS } from './pauses.ts';
import type { ReadAcl } from './web-acls.ts';

/** WAF keeps three hours, and gives 500 of the first 5,000 requests of them. Source: the API reference, GetSampledRequests. */
const KEPT_MS = 3 * 3_600_000;
const MOST_SAMPLES = 500;

/** Since the tick before. */
const LATEST_MS = 900_000;

function networkOf(text: string | undefined): string | null {
  const parsed = parseNetwork((text ?? '').trim());
  return isMalformed(parsed) ? null : parsed.cidr;
}

interface Header {
  readonly name: string;
  readonly value: string;
}

function headersIn({ Request: request }: SampledHTTPRequest): readonly Header[] {
  return (request?.Headers ?? []).map(({ Name = '', Value = '' }) => ({ name: Name.toLowerCase(), value: Value }));
}

/** A header that comes more than once is one list. */
function forwardedOf(sent: readonly Header[], wanted: ReadonlySet<string>): Sample['forwarded'] {
  const lists = Map.groupBy(
    sent.filter(({ name }) => wanted.has(name)),
    ({ name }) => name,
  );
  const textsOf = (headers: readonly Header[]): readonly string[] => headers.flatMap(({ value }) => value.split(','));
  return Object.fromEntries([...lists].map(([name, headers]) => [name, textsOf(headers).map(networkOf)]));
}

/** Source: Elastic Load Balancing user guide, "Health checks for your target groups": a balancer that stands before another is no client. */
function isHealthCheck(sent: readonly Header[]): boolean {
  return sent.some(({ name, value }) => name === 'user-agent' && value.startsWith('ELB-HealthChecker/'));
}

function headersOf(rules: readonly WebRule[]): ReadonlySet<string> {
  return new Set(rules.flatMap(({ references }) => references.flatMap(({ forwarded }) => forwarded?.header ?? [])));
}

function sampleOf(sampled: SampledHTTPRequest, rule: string, headers: ReadonlySet<string>): Sample {
  const { Request: request, Timestamp: at, Action: action = '', RuleNameWithinRuleGroup: within = rule } = sampled;
  const sent = headersIn(sampled);
  return {
    client: networkOf(request?.ClientIP),
    forwarded: forwardedOf(sent, headers),
    isHealthCheck: isHealthCheck(sent),
    at: at?.toISOString() ?? '',
    action,
    rule: within,
  };
}

/** What WAF gives of a window, and until when: of many requests it takes the first 5,000. */
async function askFor(acl: ReadAcl, metric: string, [from, to]: readonly [number, number], io: Io) {
  const command = new GetSampledRequestsCommand({
    WebAclArn: acl.arn,
    RuleMetricName: metric,
    Scope: acl.scope,
    TimeWindow: { StartTime: new Date(from), EndTime: new Date(to) },
    MaxItems: MOST_SAMPLES,
  });
  const { SampledRequests: samples = [], TimeWindow: window } = await client(WAFV2Client, regionOf(acl.scope)).send(
    command,
    { abortSignal: io.signal },
  );
  return { samples, untilMs: window?.EndTime?.getTime() ?? to };
}

/** One rule's samples: of three hours, and where these came to an end before now, of the last quarter of an hour too. */
async function samplesOf(acl: ReadAcl, metric: string, io: Io): Promise<readonly SampledHTTPRequest[]> {
  const now = Date.parse(io.now());
  const { samples, untilMs } = await askFor(acl, metric, [now - KEPT_MS, now], io);
  const latest = now - LATEST_MS;
  if (untilMs >= latest) return samples;
  await io.sleep(BETWEEN_READINGS_MS);
  return [...samples, ...(await askFor(acl, metric, [latest, now], io)).samples];
}

/** What samples are asked by: the metric of a rule, of the rule that refers to its group, or of the web ACL; and who is told by it. */
function asked(acl: ReadAcl, ours: ReadonlySet<string>): ReadonlyMap<string, string> {
  const isOurs = ({ references }: WebRule): boolean => references.some(({ arn }) => ours.has(arn));
  const matter = acl.rules.filter((rule) => rule.isSampled && (isOurs(rule) || rule.action === 'Allow'));
  const rest = acl.isSampled ? [[acl.metric, DEFAULT_ACTION] as const] : [];
  return new Map([...matter.map(({ metric, name }) => [metric, name] as const), ...rest]);
}

/**
 * The samples of the rules that name one of the sets, of those that let somebody in before them, and of what no rule has decided; where
 * WAF keeps any.
 * @param ours ARNs of sets
 */
export async function readSamples(
  acl: ReadAcl,
  ours: ReadonlySet<string>,
  io: Io,
): Promise<Reading<readonly Sample[]>> {
  const headers = headersOf(acl.rules);
  const samples: Sample[] = [];
  const unread: string[] = [];
  for (const [metric, name] of asked(acl, ours)) {
    await io.sleep(BETWEEN_READINGS_MS);
    const read = await attempted(`samples of ${name} in ${acl.name}`, io, () => samplesOf(acl, metric, io));
    unread.push(...read.unread);
    samples.push(...(read.value ?? []).map((each) => sampleOf(each, name, headers)));
  }
  return { value: samples, unread };
}
