/** Whose account `--aws` is about: AWS says it of the credentials, and nothing else is believed. */

import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { UsageError, type CommandIo } from './terminal.ts';

/** Who asks, and where. */
export interface Caller {
  readonly account: string;
  readonly region: string;
  /** `aws`, `aws-cn`, `aws-us-gov`… */
  readonly partition: string;
  /** The user or the assumed role. */
  readonly arn: string;
  /** What IAM calls `aws:userid`: of an assumed role its id and the name of the session. */
  readonly userId: string;
}

/**
 * The Region of the environment, else of the profile. `AWS_DEFAULT_REGION` is the AWS command line's own; the SDK does not read it.
 * @throws UsageError when there is none
 */
export async function regionOf(env: CommandIo['env']): Promise<string> {
  const { AWS_REGION: region = '', AWS_DEFAULT_REGION: otherwise = '' } = env;
  if (region !== '' || otherwise !== '') return region || otherwise;
  try {
    return await new STSClient({}).config.region();
  } catch {
    throw new UsageError('no region: set AWS_REGION or AWS_DEFAULT_REGION, or a region in the profile');
  }
}

/** Where the credentials come from, as far as the environment says it. A profile that is named comes before keys, as the SDK has it. */
function sourceOf({ AWS_PROFILE: profile = '', AWS_ACCESS_KEY_ID: key = '' }: CommandIo['env']): string {
  if (profile !== '') return `profile ${profile}, of AWS_PROFILE`;
  return key === '' ? 'no AWS_PROFILE, no keys in the environment' : 'keys of the environment';
}

/**
 * The error for credentials that are not there, that AWS does not take, or that nobody can be asked about. Nothing has been looked at
 * then, let alone done: that is no failure of a run, and a script tells it from one.
 */
export function unknownCaller(error: unknown, env: CommandIo['env']): unknown {
  if (!(error instanceof Error) || error instanceof UsageError) return error;
  return new UsageError(`AWS does not say whose account this is (${sourceOf(env)}): ${error.name}: ${error.message}`);
}

/**
 * Asks STS whose credentials these are. The only request that is sent before the account is known.
 * @param sts the client to ask with, of the same Region
 * @throws UsageError when there are no credentials, or AWS does not take them
 */
export async function callerOf(env: CommandIo['env'], sts?: STSClient): Promise<Caller> {
  const region = await regionOf(env);
  const answer = await (sts ?? new STSClient({ region }))
    .send(new GetCallerIdentityCommand({}))
    .catch((error: unknown) => {
      throw unknownCaller(error, env);
    });
  const { Account: account = '', Arn: arn = '', UserId: userId = '' } = answer;
  if (!/^\d{12}$/u.test(account)) throw new Error('AWS does not say whose account this is: the answer names none');
  return { account, region, partition: arn.split(':')[1] ?? 'aws', arn, userId };
}
