/**
 * The caller's credentials, found once for all clients: each would look for its own, and a helper that asks for a code of a person,
 * as a profile's `credential_process` may, would ask once a service. Those that run out are renewed.
 */

import { Client } from '@smithy/core/client';
import type { STSClient } from '@aws-sdk/client-sts';
import { surroundings, surroundWith } from '../../../shared/aws/clients.ts';

/**
 * Has every client that is made from now on use those of `sts`; returns the way back. They are there when the promise is: a person
 * may take longer over a code than any request may.
 * @throws CredentialsProviderError where there are none
 */
export async function shareCredentials(sts: STSClient): Promise<() => void> {
  const { credentials } = sts.config;
  await credentials();
  const { onClient } = surroundings();
  return surroundWith({
    onClient: (one) => {
      onClient?.(one);
      if (one instanceof Client) Reflect.set(one.config, 'credentials', credentials);
    },
  });
}
