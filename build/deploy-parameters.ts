/**
 * Every `--param` of the stack: what it means, what it takes, and what is wrong with what was given. Pure.
 *
 * The framework itself drops a parameter that it does not know: `--param dryrun=true` would deploy a stack that acts. The page
 * is README.md, "Deploy"; the defaults stand in `serverless.yml`.
 */

import { distance } from './nearest.ts';

/** A parameter of the stack. */
export interface Parameter {
  readonly name: string;
  readonly meaning: string;
  /** What it takes, in words: for the page, and for whoever gave something else. */
  readonly takes: string;
  readonly accepts: (value: string) => boolean;
}

/** A word that stands for nothing at all; the framework takes no empty value. */
export const NONE = 'none';

/**
 * Longest `prefix`. The longest name that begins with it is a rule's, `<prefix>-reassign-elastic-ip-ec2-state-change`; EventBridge
 * takes 64 characters, as IAM does for roles and Lambda for functions.
 */
export const PREFIX_MAX_LENGTH = 27;
/** Default quota of VPCs is 5 a Region; a role's policies may have 10,240 characters, of which each VPC takes 80. */
const VPCS_MAX = 20;
/** Default quota of an account: 1,000 concurrent executions. */
const CONCURRENCY_MAX = 1000;

/** S3 user guide, bucket naming rules: 3 to 63 lower-case letters, digits, dots and hyphens. */
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/u;
const VPC = /^vpc-(?:[0-9a-f]{8}|[0-9a-f]{17})$/u;

/** The VPCs that a value of `vpcId` names: `vpc-0a…,vpc-0b…`, or `*`. */
export function vpcsOf(value: string): string[] {
  return value.split(',');
}

function areVpcs(value: string): boolean {
  const vpcs = vpcsOf(value);
  return value === '*' || (vpcs.length <= VPCS_MAX && vpcs.every((vpc) => VPC.test(vpc)));
}

/** All of them, in the order of the page. */
export const PARAMETERS: readonly Parameter[] = [
  {
    name: 'mode',
    meaning:
      '`plan`: runs say what they would do. `apply`: they do it. What the ledger says goes before it, and the first run writes down what it found; it holds where the ledger does not answer. `none`: a stack that has acted acts, a new one plans.',
    takes: '`plan`, `apply` or `none`',
    accepts: (value) => value === 'plan' || value === 'apply' || value === NONE,
  },
  {
    name: 'dryRun',
    meaning: '`true`: every run prints its plan and stops, whatever the ledger says.',
    takes: '`true` or `false`',
    accepts: (value) => value === 'true' || value === 'false',
  },
  {
    name: 'alertEmail',
    meaning:
      'Who gets a mail of every alarm, and a message of what failed or was refused, waits for approval, or was only planned.',
    takes: 'one mail address, or `none`',
    accepts: (value) =>
      value === NONE || (value.length <= 254 && /^[^\s@,;<>"'$]+@[^\s@,;<>"'$]+\.[a-z]+$/iu.test(value)),
  },
  {
    name: 'vpcId',
    meaning: 'The VPCs whose network interfaces may be given an address.',
    takes: `\`vpc-…\`, up to ${VPCS_MAX} of them with commas between, or \`*\` for every VPC of the account and Region`,
    accepts: areVpcs,
  },
  {
    name: 'approval',
    meaning:
      '`always`: every plan waits for a person (a plain run ends with the question, and `approve` starts it again; `block-address` and `receive-requests` cannot ask, and fail). `never`: those alone that ask by themselves.',
    takes: '`never` or `always`',
    accepts: (value) => value === 'never' || value === 'always',
  },
  {
    name: 'listsBucket',
    meaning:
      'The versioned bucket of lists of addresses; its events go to EventBridge. What is put into it is blocked.',
    takes: "a bucket's name, or `none`",
    accepts: (value) => BUCKET.test(value),
  },
  {
    name: 'flushBucket',
    meaning:
      'The bucket whose changed objects are flushed out of the distributions that show them; its events go to EventBridge. More buckets tell the queue of the stack.',
    takes: "a bucket's name, or `none`",
    accepts: (value) => BUCKET.test(value),
  },
  {
    name: 'reservedConcurrency',
    meaning:
      'Concurrent executions kept for each runbook. An account with a quota of 10 can reserve none: without `none` its deployment fails.',
    takes: `a whole number from 1 to ${CONCURRENCY_MAX}, or \`none\``,
    accepts: (value) => value === NONE || (/^[1-9]\d{0,3}$/u.test(value) && Number(value) <= CONCURRENCY_MAX),
  },
  {
    name: 'dashboard',
    meaning:
      '`yes`: a dashboard of CloudWatch with the name of the stack. It costs $3 a month where the account has three already.',
    takes: '`yes` or `none`',
    accepts: (value) => value === 'yes' || value === NONE,
  },
  {
    name: 'prefix',
    meaning: "What every name begins with; the command's `--ledger` takes it.",
    takes: `a letter, then letters, digits and hyphens; up to ${PREFIX_MAX_LENGTH} characters`,
    accepts: (value) => value.length <= PREFIX_MAX_LENGTH && /^[a-z](?:-?[a-z0-9])+$/iu.test(value),
  },
];

/** What people take for parameters, and what it is. */
const OPTIONS: { readonly [name: string]: string } = {
  region: '--region',
  stage: '--stage',
  profile: '--aws-profile',
  awsprofile: '--aws-profile',
};

function bare(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/gu, '');
}

/** A third of its letters may be wrong; and `email` means alertEmail. */
function meant(name: string): string | undefined {
  const given = bare(name);
  const ranked = PARAMETERS.map((parameter) => {
    const known = bare(parameter.name);
    const isPart = given.length > 2 && (known.includes(given) || given.includes(known));
    return { name: parameter.name, off: isPart ? 0 : distance(given, known) / known.length };
  }).toSorted((one, other) => one.off - other.off);
  const [nearest] = ranked;
  return nearest !== undefined && nearest.off <= 1 / 3 ? nearest.name : undefined;
}

/** What is wrong with a name; `undefined`: nothing. `where` names the place it stands in. */
export function flawOfName(name: string, where: string): string | undefined {
  if (PARAMETERS.some((parameter) => parameter.name === name)) return undefined;
  const option = OPTIONS[bare(name)];
  if (option !== undefined) return `${where}: ${name} is no parameter but an option: ${option}`;
  const nearest = meant(name);
  const names = PARAMETERS.map((parameter) => parameter.name).join(', ');
  const advice = nearest === undefined ? `there are ${names}` : `did you mean ${nearest}?`;
  return `${where}: there is no parameter "${name}"; ${advice}`;
}

/** A parameter that was given as if it were an option, `--dryRun=true`; `undefined`: it is none. */
export function flawOfOption(option: string): string | undefined {
  const parameter = PARAMETERS.find(({ name }) => bare(name) === bare(option));
  return parameter === undefined ? undefined : `--${option} is no option but a parameter: --param ${parameter.name}=…`;
}

/** What is wrong with the value of a known parameter; `undefined`: nothing. */
export function flawOfValue(name: string, value: string, where: string): string | undefined {
  const parameter = PARAMETERS.find((one) => one.name === name);
  if (parameter === undefined || parameter.accepts(value)) return undefined;
  return `${where}: ${name} takes ${parameter.takes.replaceAll('`', '')}, not "${value}"`;
}

/** The part before the first `=`, and what comes after, as the framework takes them. */
function split(given: string): readonly [name: string, value: string] {
  const at = given.indexOf('=');
  return at < 0 ? [given, ''] : [given.slice(0, at), given.slice(at + 1).trimEnd()];
}

/** What is wrong with the `--param`s of a command line, a line for each fault. */
export function flawsOfCommandLine(params: readonly string[]): string[] {
  const seen = new Set<string>();
  return params.flatMap((given) => {
    const where = `--param ${given}`;
    const [name, value] = split(given);
    const wrongName = flawOfName(name, where);
    if (wrongName !== undefined) return [wrongName];
    if (seen.has(name)) return [`${where}: ${name} is given twice`];
    seen.add(name);
    const flaw = flawOfValue(name, value, where);
    return flaw === undefined ? [] : [flaw];
  });
}
