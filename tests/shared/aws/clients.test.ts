import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { client, regionMadeFor, surroundWith } from '../../../shared/aws/clients.ts';

/** The time-out that a client's request handler was made with, milliseconds. */
async function timeoutOf(made: { readonly config: { readonly requestHandler: unknown } }): Promise<unknown> {
  const provider: unknown = Reflect.get(Object(made.config.requestHandler), 'configProvider');
  const config: unknown = await provider;
  return Reflect.get(Object(config), 'requestTimeout');
}

describe('a client', () => {
  it('is one for each class, Region, purpose and time-out, made on first use', () => {
    expect(client(EC2Client)).toBe(client(EC2Client, {}));
    expect(client(EC2Client)).not.toBe(client(DynamoDBClient));
    expect(client(EC2Client, { region: 'us-east-1' })).toBe(client(EC2Client, { region: 'us-east-1' }));
    expect(client(EC2Client, { region: 'us-east-1' })).not.toBe(client(EC2Client));
    expect(client(DynamoDBClient, { purpose: 'ledger' })).not.toBe(client(DynamoDBClient));
    expect(client(DynamoDBClient, { purpose: 'ledger', timeoutMs: 1_500 })).not.toBe(
      client(DynamoDBClient, { purpose: 'ledger' }),
    );
  });

  it.each([['first'], ['last']])('has its own time-out, whoever asked %s', async (order) => {
    const purpose = `time-out ${order}`;
    const uses = [{ purpose }, { purpose, timeoutMs: 1_500 }];
    const [one, other] = (order === 'first' ? uses : uses.toReversed()).map((use) => client(DynamoDBClient, use));
    const timeouts = await Promise.all(
      [one, other].map(async (made) => (made === undefined ? undefined : await timeoutOf(made))),
    );
    expect(order === 'first' ? timeouts : timeouts.toReversed()).toEqual([10_000, 1_500]);
  });

  it('goes to the Region that it is asked for, and sends each request once', async () => {
    const made = client(EC2Client, { region: 'eu-central-1' });
    expect(await made.config.region()).toBe('eu-central-1');
    expect(await made.config.maxAttempts()).toBe(1);
  });

  it('is known by the Region that it was made for, if it was made here', () => {
    expect(regionMadeFor(client(EC2Client, { region: 'us-east-1', purpose: 'known' }))).toBe('us-east-1');
    expect(regionMadeFor(client(EC2Client, { purpose: 'known' }))).toBe('');
    expect(regionMadeFor(new EC2Client({ region: 'us-east-1' }))).toBe(undefined);
  });

  it('is shown to whoever watches before its first request, once', () => {
    const seen: unknown[] = [];
    const restore = surroundWith({ onClient: (made) => void seen.push(made) });
    const made = client(EC2Client, { purpose: 'watched' });
    client(EC2Client, { purpose: 'watched' });
    restore();
    expect(seen).toEqual([made]);
  });
});
