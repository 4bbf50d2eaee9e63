/** Asks KMS for the state of the keys that volumes are encrypted with. */

import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { client } from '../../../shared/aws/clients.ts';
import type { Io } from '../../../shared/kernel/definition.ts';
import type { KeyStates } from '../decide.ts';

/** A set has one key, or a few; more are left to what EBS says when it uses them. */
const MOST_KEYS = 5;

/**
 * A diagnosis, not a guard: EBS itself refuses a key that cannot be used, but tells nobody why. So what cannot be read
 * keeps nobody from trying.
 */
export async function readKeyStates(keyArns: ReadonlySet<string>, { signal }: Io): Promise<KeyStates> {
  const states = await Promise.all(
    [...keyArns].slice(0, MOST_KEYS).map(async (keyArn): Promise<[string, string]> => {
      try {
        const { KeyMetadata } = await client(KMSClient).send(new DescribeKeyCommand({ KeyId: keyArn }), {
          abortSignal: signal,
        });
        return [keyArn, KeyMetadata?.KeyState ?? 'unread'];
      } catch {
        signal.throwIfAborted();
        return [keyArn, 'unread'];
      }
    }),
  );
  return Object.fromEntries(states);
}
