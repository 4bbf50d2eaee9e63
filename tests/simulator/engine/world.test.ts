import { describe, expect, it } from 'vitest';
import { createClock } from '../../../simulator/engine/clock.ts';
import type { BusEvent, ServiceModel, WorldData } from '../../../simulator/engine/model.ts';
import { createWorld, randomStream, type SimulatedWorld } from '../../../simulator/engine/world.ts';
import { change } from '../../../simulator/world/script.ts';
import { probeNow } from '../../../simulator/world/probes.ts';
import { z } from 'zod';

const START_MS = Date.parse('2026-11-22T08:00:00.250Z');

function service(changes: Partial<ServiceModel> = {}): ServiceModel {
  return {
    name: 'ec2',
    prefix: 'ec2',
    schema: z.unknown(),
    collections: { Instances: 'InstanceId', Topics: 'TopicArn' },
    operations: {},
    ...changes,
  };
}

function world(
  data: WorldData = {},
  options: { seed?: number; services?: readonly ServiceModel[]; onEvent?: (event: BusEvent) => void } = {},
): SimulatedWorld {
  const { seed = 1, services = [service()], onEvent = () => undefined } = options;
  return createWorld(data, {
    services,
    seed,
    account: '111122223333',
    region: 'eu-west-1',
    clock: createClock(START_MS),
    onEvent,
  });
}

describe('chance', () => {
  it('is the same for the same seed and another for another seed or purpose', () => {
    const draw = (seed: number, purpose: string): number[] => Array.from({ length: 5 }, randomStream(seed, purpose));
    expect(draw(1, 'latency')).toEqual(draw(1, 'latency'));
    expect(draw(1, 'latency')).not.toEqual(draw(2, 'latency'));
    expect(draw(1, 'latency')).not.toEqual(draw(1, 'world'));
  });

  it('is spread over the whole interval', () => {
    const stream = randomStream(7, 'spread');
    const tenths = Array.from({ length: 10 }, () => 0);
    for (let count = 0; count < 10_000; count += 1) {
      const place = Math.floor(stream() * 10);
      tenths[place] = (tenths[place] ?? 0) + 1;
    }
    expect(Math.min(...tenths)).toBeGreaterThan(850);
    expect(Math.max(...tenths)).toBeLessThan(1_150);
  });
});

describe('a world', () => {
  it('gives ids of the form of AWS, the same in each run of the same seed', () => {
    const first = world();
    const ids = [first.id('i'), first.id('vol')];
    expect(ids[0]).toMatch(/^i-0f[0-9a-f]{15}$/u);
    expect(ids[1]).toMatch(/^vol-0f[0-9a-f]{15}$/u);
    expect(ids[0]?.slice(2)).not.toBe(ids[1]?.slice(4));
    const again = world();
    expect([again.id('i'), again.id('vol')]).toEqual(ids);
  });

  it('makes a collection on first use and keeps what is put there', () => {
    const empty = world();
    empty.records('ec2', 'Instances').push({ InstanceId: 'i-1' });
    expect(empty.data).toEqual({ ec2: { Instances: [{ InstanceId: 'i-1' }] } });
  });

  it('publishes an event in the form in which EventBridge delivers it', () => {
    const events: BusEvent[] = [];
    const one = world({}, { onEvent: (event) => events.push(event) });
    one.emit({
      source: 'aws.ec2',
      detailType: 'EC2 Instance State-change Notification',
      resources: ['arn:x'],
      detail: { state: 'stopped' },
    });
    const [event] = events;
    expect(event?.id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u);
    expect({ ...event, id: '' }).toEqual({
      version: '0',
      id: '',
      source: 'aws.ec2',
      'detail-type': 'EC2 Instance State-change Notification',
      account: '111122223333',
      region: 'eu-west-1',
      time: '2026-11-22T08:00:00Z',
      resources: ['arn:x'],
      detail: { state: 'stopped' },
    });
  });

  it('carries signals to every listener and starts each service once, in order', () => {
    const heard: string[] = [];
    const listening = (name: string): ServiceModel =>
      service({
        name,
        start: (one) => (
          heard.push(name),
          one.on('status-changed', ({ instanceId }) => void heard.push(`${name} ${instanceId}`))
        ),
      });
    world({}, { services: [listening('a'), listening('b')] }).signal('status-changed', { instanceId: 'i-1' });
    expect(heard).toEqual(['a', 'b', 'a i-1', 'b i-1']);
  });

  it('notes an assumed behaviour once', () => {
    const one = world();
    one.assume('stops take a minute');
    one.assume('stops take a minute');
    expect([...one.assumed]).toEqual(['stops take a minute']);
  });
});

describe('a scripted change', () => {
  it('sets a member deep in a record, and deletes by null', () => {
    const one = world({ ec2: { Instances: [{ InstanceId: 'i-1', State: { Name: 'running' }, KeyName: 'k' }] } });
    change(one, 'ec2/Instances/i-1/State/Name', 'stopped', 'script');
    change(one, 'ec2/Instances/i-1/KeyName', null, 'script');
    expect(one.data['ec2']?.['Instances']).toEqual([{ InstanceId: 'i-1', State: { Name: 'stopped' } }]);
  });

  it('leaves it to the service when the service gives it consequences', () => {
    const seen: unknown[] = [];
    const services = [service({ change: (_world, ...what) => (seen.push(what), true) })];
    const one = world({ ec2: { Instances: [{ InstanceId: 'i-1', State: { Name: 'running' } }] } }, { services });
    change(one, 'ec2/Instances/i-1/State/Name', 'stopped', 'script');
    expect(seen).toEqual([['Instances', 'i-1', ['State', 'Name'], 'stopped']]);
    expect(one.data['ec2']?.['Instances']).toEqual([{ InstanceId: 'i-1', State: { Name: 'running' } }]);
  });

  it('sets, adds and removes a tag by its key', () => {
    const one = world({
      ec2: {
        Instances: [
          {
            InstanceId: 'i-1',
            Tags: [
              { Key: 'runbook:vip', Value: 'web' },
              { Key: 'x', Value: '1' },
            ],
          },
        ],
      },
    });
    change(one, 'ec2/Instances/i-1/Tags/runbook:vip', 'db', 'script');
    change(one, 'ec2/Instances/i-1/Tags/x', null, 'script');
    change(one, 'ec2/Instances/i-1/Tags/y', '2', 'script');
    expect(one.data['ec2']?.['Instances']?.[0]?.['Tags']).toEqual([
      { Key: 'runbook:vip', Value: 'db' },
      { Key: 'y', Value: '2' },
    ]);
  });

  it('finds a record whose key holds slashes', () => {
    const one = world({ ec2: { Topics: [{ TopicArn: 'arn:a/b', Name: 'n' }] } });
    change(one, 'ec2/Topics/arn:a/b/Name', 'm', 'script');
    expect(one.data['ec2']?.['Topics']).toEqual([{ TopicArn: 'arn:a/b', Name: 'm' }]);
  });

  it('adds and removes a whole record', () => {
    const one = world({ ec2: { Instances: [{ InstanceId: 'i-1' }] } });
    change(one, 'ec2/Instances/i-2', { KeyName: 'k' }, 'script');
    change(one, 'ec2/Instances/i-1', null, 'script');
    expect(one.data['ec2']?.['Instances']).toEqual([{ KeyName: 'k', InstanceId: 'i-2' }]);
  });

  it.each([
    ['s3/Buckets/b/Name', 'there is no service s3'],
    ['ec2/Buckets/b/Name', 'ec2 has no Buckets'],
    ['ec2/Instances/i-9/State/Name', 'ec2 has no i-9 in Instances'],
    ['ec2/Instances/i-1/KeyName/Deeper', 'there is nothing at KeyName'],
  ])('names the path when %s leads nowhere', (path, message) => {
    const one = world({ ec2: { Instances: [{ InstanceId: 'i-1', KeyName: 'k' }] } });
    expect(() => change(one, path, 'x', `script[0].set["${path}"]`)).toThrow(`script[0].set["${path}"]: ${message}`);
  });
});

describe('a probe', () => {
  const data = (): WorldData => ({
    ec2: {
      Instances: [
        { InstanceId: 'i-1', State: { Name: 'running' } },
        { InstanceId: 'i-2', State: { Name: 'stopped' } },
        { InstanceId: 'i-3', State: { Name: 'running' }, PublicIpAddress: '198.51.100.7' },
      ],
      InstanceStatuses: [{ InstanceId: 'i-3', SystemStatus: { Status: 'impaired' } }],
      NetworkInterfaces: [{ NetworkInterfaceId: 'eni-1', Attachment: { InstanceId: 'i-1' } }],
      Addresses: [
        { PublicIp: '203.0.113.1', NetworkInterfaceId: 'eni-1' },
        { PublicIp: '203.0.113.2', InstanceId: 'i-2' },
        { PublicIp: '203.0.113.3' },
      ],
    },
  });
  const tcp = { scheme: 'tcp', port: 443, path: '' } as const;
  const https = { scheme: 'https', port: 443, path: '/' } as const;

  it.each([
    ['203.0.113.1', 'ok', 'a running holder'],
    ['203.0.113.2', 'timeout', 'a stopped holder'],
    ['203.0.113.3', 'timeout', 'an address on nobody'],
    ['198.51.100.7', 'timeout', 'an impaired instance'],
    ['198.51.100.9', 'timeout', 'an unknown address'],
  ])('of %s finds %s: %s', (host, result) => {
    expect(probeNow(world(data()), host, tcp)).toBe(result);
  });

  it('finds what the instance answers, through whatever address leads to it', () => {
    const one = world(data());
    change(one, 'probes/instance>i-1:443', 'refused', 'script');
    expect(probeNow(one, '203.0.113.1', tcp)).toBe('refused');
    change(one, 'ec2/Instances/i-1/State/Name', 'stopped', 'script');
    expect(probeNow(one, '203.0.113.1', tcp)).toBe('timeout');
  });

  it('believes what is said of the address before anything else', () => {
    const one = world(data());
    change(one, 'probes/public>203.0.113.3:443', 503, 'script');
    expect(probeNow(one, '203.0.113.3', https)).toBe('status 503');
    expect(probeNow(one, '203.0.113.3', tcp)).toBe('ok');
    change(one, 'probes/public>203.0.113.3:443', null, 'script');
    expect(probeNow(one, '203.0.113.3', https)).toBe('timeout');
  });
});
