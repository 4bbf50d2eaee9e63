/** Whose account it is, and whether it says of itself that it is a sandbox. Nothing else is asked before. */

import { DescribeAvailabilityZonesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { IAMClient, ListAccountAliasesCommand } from '@aws-sdk/client-iam';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { callerOf, type Caller } from '../../cli/caller.ts';
import { errorName } from '../../shared/kernel/errors.ts';
import type { Stage } from './exchange.ts';

/** The account is not one to record in: nothing has been created. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

/** An account that may be recorded in. */
export interface Sandbox {
  readonly caller: Caller;
  /** The alias that says so. */
  readonly alias: string;
}

/** The alias that says that the account is a sandbox: it begins or ends with the word. */
export function sandboxAlias(aliases: readonly string[]): string | undefined {
  return aliases.find((alias) => /^sandbox(?:-|$)|(?:^|-)sandbox$/u.test(alias));
}

/**
 * Holds the account against what a person meant.
 * @throws Refused when it is another, or does not say that it is a sandbox, or when that cannot be read
 */
export async function sandboxOf(caller: Caller, meant: string | undefined): Promise<Sandbox> {
  const { account, region } = caller;
  if (meant !== undefined && meant !== account)
    throw new Refused(`--account ${meant}: these are credentials of ${account}`);
  let aliases: readonly string[];
  try {
    ({ AccountAliases: aliases = [] } = await new IAMClient({ region }).send(new ListAccountAliasesCommand({})));
  } catch (error) {
    throw new Refused(
      `whether ${account} is a sandbox cannot be read (iam:ListAccountAliases: ${errorName(error)}): nothing is done`,
    );
  }
  const alias = sandboxAlias(aliases);
  if (alias !== undefined) return { caller, alias };
  const told = aliases.length === 0 ? 'it has no alias' : `its alias is ${aliases.join(', ')}`;
  throw new Refused(
    `${account} does not say that it is a sandbox: ${told}. An alias that begins or ends with the word does: aws iam create-account-alias --account-alias NAME-sandbox`,
  );
}

/** Asks STS; `region`: the one that is meant. */
export function callerIn(env: NodeJS.ProcessEnv, region: string | undefined): Promise<Caller> {
  return callerOf(region === undefined ? env : { ...env, AWS_REGION: region });
}

/** Amazon Linux's newest. Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-public-parameters-ami.html */
const IMAGE = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64';

/** Looks for what the scenarios' zones and image are here. */
export async function stageOf({ account, region, partition }: Caller): Promise<Stage> {
  const zonesAsked = new DescribeAvailabilityZonesCommand({
    Filters: [
      { Name: 'zone-type', Values: ['availability-zone'] },
      { Name: 'state', Values: ['available'] },
    ],
  });
  const { AvailabilityZones = [] } = await new EC2Client({ region }).send(zonesAsked);
  const [first, second] = AvailabilityZones.flatMap(({ ZoneName }) => ZoneName ?? []).toSorted();
  if (first === undefined || second === undefined) throw new Refused(`${region} has not two zones for this account`);
  const { Parameter } = await new SSMClient({ region }).send(new GetParameterCommand({ Name: IMAGE }));
  const image = Parameter?.Value;
  if (image === undefined) throw new Refused(`${region} names no image at ${IMAGE}`);
  return { account, region, partition, zones: [first, second], image };
}
