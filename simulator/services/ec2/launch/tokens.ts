/**
 * Client tokens of RunInstances. They hold for a zone: the same token in another zone launches again.
 * Source: https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
 */

import { awsError, type Shape, type World } from '../../../engine/model.ts';
import { fingerprint } from '../fingerprint.ts';
import { strings } from '../filters.ts';
import { find, records, text } from '../state.ts';

const LONGEST = 64;
/** Printable ASCII, as far as a token may go. */
const ASCII = /^[\x21-\x7e]+$/u;

function tokenOf(input: Shape): string | undefined {
  const token = text(input, 'ClientToken');
  if (token !== undefined && (token.length > LONGEST || !ASCII.test(token)))
    throw awsError(
      'InvalidClientToken',
      `The specified client token is not valid. Client tokens are limited to ${LONGEST} ASCII characters.`,
    );
  return token;
}

function idOf(token: string, zone: string): string {
  return `${zone}/${token}`;
}

/**
 * The instances that an earlier request with this token launched in the zone.
 * @throws `IdempotentParameterMismatch` (AwsError) for a request with other parameters
 */
export function launchedBefore(world: World, input: Shape, zone: string): Shape[] | undefined {
  const token = tokenOf(input);
  const earlier = token === undefined ? undefined : find(world, 'LaunchTokens', idOf(token, zone));
  if (earlier === undefined) return undefined;
  // Also after a request that found no room. Seen by users of the API: github.com/ubicloud/ubicloud/pull/5898.
  if (earlier['Request'] !== fingerprint(input))
    throw awsError(
      'IdempotentParameterMismatch',
      'Arguments on this idempotent request are inconsistent with arguments used in previous request(s).',
    );
  const ids = strings(earlier, 'InstanceIds');
  if (ids.length === 0) return undefined;
  world.assume('ec2: a client token of RunInstances answers with its instances as they are, also when they are gone');
  return records(world, 'Instances').filter((instance) => ids.includes(text(instance, 'InstanceId') ?? ''));
}

/** Binds the token to what the request asks for and launched; to nothing yet where it found no room. */
export function bindToken(world: World, input: Shape, zone: string, instances: readonly Shape[]): void {
  const token = tokenOf(input);
  if (token === undefined) return;
  const InstanceIds = instances.flatMap((instance) => text(instance, 'InstanceId') ?? []);
  const known = find(world, 'LaunchTokens', idOf(token, zone));
  if (known !== undefined) {
    known['InstanceIds'] = InstanceIds;
    return;
  }
  records(world, 'LaunchTokens').push({
    TokenId: idOf(token, zone),
    ClientToken: token,
    AvailabilityZone: zone,
    Request: fingerprint(input),
    InstanceIds,
    UsedAt: world.clock.iso(),
  });
}
