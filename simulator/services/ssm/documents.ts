/** What a command document demands of its parameters, and what its scripts do on a host. */

import { freeze, hasFrozen, thaw } from '../ec2/freezing.ts';
import { strings } from '../ec2/filters.ts';
import { isShape, list, part, show, text } from '../ec2/state.ts';
import { awsError, type Shape, type World } from '../../engine/model.ts';
import { carryOutParking, printedByParking } from './parking.ts';

/** Where a document says nothing. Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/monitor-commands.html (command timeout values). */
const EXECUTION_TIMEOUT_SECONDS = 3_600;
/** A script that only does a few file systems' sync and freeze. Assumed. */
const SCRIPT_SECONDS = 1;

/** Source: https://docs.aws.amazon.com/ebs/latest/userguide/automate-app-consistent-backups.html (the sample documents). */
const LIFECYCLE_PARAMETERS: readonly Shape[] = [
  {
    Name: 'executionId',
    DefaultValue: 'None',
    AllowedPattern: '^(None|[a-fA-F0-9]{8}-[a-fA-F0-9]{4}-[a-fA-F0-9]{4}-[a-fA-F0-9]{4}-[a-fA-F0-9]{12})$',
  },
  { Name: 'command', DefaultValue: 'dry-run', AllowedValues: ['pre-script', 'post-script', 'dry-run'] },
];

/** The document that a request names, by its name or its ARN in this account. */
export function documentOf(world: World, name: string): Shape | undefined {
  const prefix = `arn:aws:ssm:${world.region}:${world.account}:document/`;
  const own = name.startsWith(prefix) ? name.slice(prefix.length) : name;
  return world.records('ssm', 'Documents').find((document) => document['Name'] === own);
}

/** Throws `InvalidDocument` for one that there is not, or that Run Command cannot run. */
export function demandDocument(world: World, name: string): Shape {
  const document = documentOf(world, name);
  // Wording assumed: the reference names the error only.
  if (document === undefined) throw awsError('InvalidDocument', `Document with name ${name} does not exist.`);
  const type = show(document['DocumentType']);
  if (type !== 'Command')
    throw awsError('InvalidDocument', `Document ${name} is of type ${type}, which cannot be run as a command.`);
  return document;
}

function parametersOf(document: Shape): readonly Shape[] {
  return Array.isArray(document['Parameters']) ? list(document, 'Parameters') : LIFECYCLE_PARAMETERS;
}

function demandValue(parameter: Shape, value: string): void {
  const allowed = strings(parameter, 'AllowedValues');
  const pattern = text(parameter, 'AllowedPattern');
  const isAllowed =
    (allowed.length === 0 || allowed.includes(value)) &&
    (pattern === undefined || new RegExp(pattern, 'u').test(value));
  if (!isAllowed)
    throw awsError('InvalidParameters', `Parameter "${show(parameter['Name'])}" does not allow the value "${value}".`);
}

/**
 * Refuses parameters that the document does not have, values that it does not allow, and the lack of one without default.
 * Source: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_SendCommand.html (InvalidParameters); the wording is assumed.
 */
export function demandParameters(document: Shape, given: Shape): void {
  const parameters = parametersOf(document);
  const stray = Object.keys(given).find((name) => !parameters.some((parameter) => parameter['Name'] === name));
  if (stray !== undefined)
    throw awsError('InvalidParameters', `Parameter "${stray}" is not defined in document ${show(document['Name'])}.`);
  for (const parameter of parameters) {
    const name = show(parameter['Name']);
    const values = strings(given, name);
    if (values.length === 0 && parameter['DefaultValue'] === undefined)
      throw awsError('InvalidParameters', `Parameter "${name}" of document ${show(document['Name'])} is required.`);
    for (const value of values) demandValue(parameter, value);
  }
}

export function executionTimeoutSeconds(document: Shape | undefined): number {
  const value = document?.['ExecutionTimeoutSeconds'];
  return typeof value === 'number' ? value : EXECUTION_TIMEOUT_SECONDS;
}

/** A script on its way on a host. */
export interface Script {
  readonly document: Shape;
  /** `pre-script`, `post-script`, `dry-run`; empty where the document has no such parameter. */
  readonly command: string;
  readonly takesMs: number;
  readonly hangs: boolean;
  readonly instanceId: string;
  /** What it was given. */
  readonly parameters: Shape;
  /** What its script prints, as soon as it is known. */
  readonly output: string;
}

function applies(misbehaviour: unknown, command: string): boolean {
  return misbehaviour === true || (misbehaviour !== undefined && misbehaviour === command);
}

/** A host of a document that drops networks lacks nft. */
function lacksNft(document: Shape, instanceId: string): boolean {
  return strings(part(document, 'Drops'), 'WithoutNftables').includes(instanceId);
}

/** As the command of that name. Source: POSIX.1-2017, `cksum`. */
function cksum(input: string): string {
  const bytes = [...Buffer.from(input)];
  for (let length = bytes.length; length > 0; length >>>= 8) bytes.push(length & 0xff);
  const bits = bytes.flatMap((byte) => [7, 6, 5, 4, 3, 2, 1, 0].map((bit) => (byte >>> bit) & 1));
  const sum = bits.reduce((crc, bit) => ((crc >>> 31) ^ bit ? (crc << 1) ^ 0x04c11db7 : crc << 1), 0);
  return `${~sum >>> 0}-${Buffer.byteLength(input)}`;
}

/** What a document that drops networks prints: how many it was given, and a checksum of both lists. What nftables makes of them is not modelled. */
function printedBy(document: Shape, parameters: Shape, instanceId: string): string {
  if (!isShape(document['Drops']) || document['Fails'] === true) return '';
  if (lacksNft(document, instanceId)) return 'no-nftables: this host has no nft\n';
  const [v4 = '', v6 = ''] = ['v4', 'v6'].map((name) => strings(parameters, name)[0] ?? '');
  const countIn = (texts: string): number => texts.split(' ').filter(Boolean).length;
  return `runbook_block: ${countIn(v4)} of IPv4, ${countIn(v6)} of IPv6, ${cksum(`${v4}\0${v6}`)}\n`;
}

/** The script that a document runs with these parameters on an instance. */
export function scriptOf(document: Shape, parameters: Shape, instanceId: string): Script {
  const declared = parametersOf(document).find((parameter) => parameter['Name'] === 'command');
  const command = strings(parameters, 'command')[0] ?? text(declared, 'DefaultValue') ?? '';
  const takesSeconds =
    part(document, 'Freezes')['TakesSeconds'] ??
    part(document, 'Drops')['TakesSeconds'] ??
    part(document, 'Parks')['TakesSeconds'] ??
    part(document, 'Sessions')['TakesSeconds'];
  return {
    document,
    command,
    takesMs: (typeof takesSeconds === 'number' ? takesSeconds : SCRIPT_SECONDS) * 1_000,
    hangs: applies(document['Hangs'], command),
    instanceId,
    parameters,
    output: printedBy(document, parameters, instanceId),
  };
}

/** What a script that has just ended has printed: how the cluster stands, and who is on the host, shows only then. */
export function outputOfScript({ document, command, instanceId, output }: Script): string {
  if (isShape(document['Sessions'])) {
    const sessions = part(document['Sessions'], 'Hosts')[instanceId] ?? 0;
    return document['Fails'] === true ? '' : `${JSON.stringify({ sessions })}\n`;
  }
  if (!isShape(document['Parks'])) return output;
  if (applies(document['Fails'], command)) return 'scontrol: the controller does not answer\n';
  return text(document['Parks'], 'Prints') ?? printedByParking(document);
}

/**
 * What a script has done when it ends. AWS's samples refuse to freeze what is frozen and to thaw what is thawed, so that
 * a repeat fails although all is well; the one that froze goes on counting, and its timer runs on.
 */
export function carryOut(
  world: World,
  instanceId: string,
  { document, command, hangs, parameters }: Script,
): 'Success' | 'Failed' {
  if (applies(document['Fails'], command) || lacksNft(document, instanceId)) return 'Failed';
  if (isShape(document['Parks'])) carryOutParking(world, document, command, parameters);
  const freezes = document['Freezes'];
  if (!isShape(freezes) || (command !== 'pre-script' && command !== 'post-script')) return 'Success';
  const isFreezing = command === 'pre-script';
  if (hasFrozen(world, instanceId) === isFreezing) {
    if (freezes['Repeatable'] !== true) return 'Failed';
    world.assume(
      'ssm: a repeatable document that freezes what is frozen, or thaws what is thawed, succeeds and leaves the timer of the host as it is',
    );
    return 'Success';
  }
  if (isFreezing) freeze(world, instanceId, Number(freezes['ThawAfterSeconds']));
  else if (!hangs) thaw(world, instanceId);
  return 'Success';
}
