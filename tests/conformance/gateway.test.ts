import { createServer } from 'node:http';
import { DescribeVolumesCommand, DetachVolumeCommand } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HttpExecution } from '../../conformance/durable-service.ts';
import { openGateway, type Gateway } from '../../conformance/gateway.ts';
import { clientsFor } from '../../conformance/place.ts';

const attached = (id: string) =>
  `<item><volumeId>${id}</volumeId><attachmentSet><item><volumeId>${id}</volumeId><instanceId>i-1</instanceId><device>/dev/sdf</device></item></attachmentSet></item>`;
const mapped = (id: string, goes: boolean) =>
  `<item><ebs><volumeId>${id}</volumeId><deleteOnTermination>${goes}</deleteOnTermination></ebs></item>`;

/** What the emulator says, by operation. */
const ANSWERS: { readonly [operation: string]: string } = {
  DescribeVolumes: `<DescribeVolumesResponse><volumeSet>${attached('vol-stays')}${attached('vol-goes')}</volumeSet></DescribeVolumesResponse>`,
  DescribeInstances: `<DescribeInstancesResponse><reservationSet><item><instancesSet><item><blockDeviceMapping>${mapped('vol-stays', false)}${mapped('vol-goes', true)}</blockDeviceMapping></item></instancesSet></item></reservationSet></DescribeInstancesResponse>`,
  DetachVolume: '<DetachVolumeResponse><status>detached</status></DetachVolumeResponse>',
};

const emulator = createServer((request, response) => {
  let text = '';
  request.on('data', (chunk: Buffer) => (text += chunk.toString()));
  request.on('end', () =>
    response
      .writeHead(200, { 'content-type': 'text/xml' })
      .end(ANSWERS[new URLSearchParams(text).get('Action') ?? ''] ?? 'nothing'),
  );
});
let gateway: Gateway;

beforeAll(async () => {
  await new Promise<void>((resolve) => void emulator.listen(0, '127.0.0.1', resolve));
  const address = emulator.address();
  gateway = await openGateway(
    `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    'DetachVolume',
  );
});

afterAll(() => {
  gateway.close();
  emulator.close();
});

describe('the gateway', () => {
  it('adds to a volume what the emulator says of its instance only', async () => {
    const { Volumes } = await clientsFor(gateway.url).ec2.send(new DescribeVolumesCommand({}));
    expect(Volumes?.map(({ VolumeId, Attachments }) => [VolumeId, Attachments?.[0]?.DeleteOnTermination])).toEqual([
      ['vol-stays', false],
      ['vol-goes', true],
    ]);
  });

  it('refuses the first request of an operation that is said to be busy, as EC2 does, and notes both', async () => {
    const { ec2 } = clientsFor(gateway.url);
    await expect(ec2.send(new DetachVolumeCommand({ VolumeId: 'vol-goes' }))).rejects.toMatchObject({
      name: 'RequestLimitExceeded',
      $metadata: { httpStatusCode: 503 },
    });
    await expect(ec2.send(new DetachVolumeCommand({ VolumeId: 'vol-goes' }))).resolves.toMatchObject({
      State: 'detached',
    });
    expect(
      gateway.passages.filter(({ operation }) => operation === 'DetachVolume').map(({ status }) => status),
    ).toEqual([503, 200]);
  });

  it('hosts the execution it is given, and sends nothing of it on', async () => {
    const execution = new HttpExecution('carry-volumes', 'run-1', {}, Date.now());
    gateway.serve(execution);
    const before = gateway.passages.length;
    execution.nextInvocation();
    const state = await fetch(
      `${gateway.url}/2025-12-01/durable-executions/${encodeURIComponent(execution.arn)}/state?CheckpointToken=1`,
    );
    expect(await state.json()).toMatchObject({ Operations: [{ Type: 'EXECUTION' }] });
    expect(gateway.passages).toHaveLength(before);
  });
});
