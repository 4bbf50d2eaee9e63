import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { requestRecorder } from '../../cli/request-recorder.ts';
import { paintFor } from '../../cli/terminal.ts';
import { timelineLines } from '../../cli/timeline.ts';
import { loadDrills } from '../../rehearsal/drill.ts';
import { HOMES } from '../../rehearsal/explorer/together.ts';
import { deployed } from '../../rehearsal/functions.ts';
import { client, surroundWith } from '../../shared/aws/clients.ts';
import { parseWorld } from '../../simulator/world/world-file.ts';
import { handler } from '../recycle-everywhere/handler.ts';
import { file, run } from './terminal.ts';

const [drill] = loadDrills(HOMES[0]?.drills ?? '', ['two-regions']);
if (drill === undefined) throw new Error('no drill');
const event = join(drill.directory, 'event.json');
const world = join(drill.directory, 'world.json');
const setting = { functions: [deployed(handler)] };

interface Shown {
  readonly target: string;
  readonly calls: readonly { readonly call: string; readonly region?: string }[];
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('handle on a world with regions', () => {
  it('names the Region of each request that did not go home, and writes the Regions out', async () => {
    const after = file('after.json', '');
    const { code, out } = await run(['handle', event, '--world', world, '--json', '--world-out', after], setting);
    expect(code).toBe(0);
    const { results }: { readonly results: readonly Shown[] } = JSON.parse(out);
    const stops = results.map(({ target, calls }) => [
      target,
      calls.filter(({ call }) => call === 'ec2:StopInstances').map(({ region }) => region),
    ]);
    expect(stops).toEqual([
      ['arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1', [undefined]],
      ['arn:aws:ec2:us-east-1:111122223333:instance/i-0e5', ['us-east-1']],
    ]);
    const left = parseWorld(JSON.parse(readFileSync(after, 'utf8')));
    expect(left.regions['us-east-1']?.['ec2']?.['Instances']).toMatchObject([
      { InstanceId: 'i-0e5', Tags: [{ Key: 'recycle' }, { Key: 'recycle-stage', Value: 'T-7:recycled' }] },
      { InstanceId: 'i-0f6', Tags: [] },
    ]);
  });

  it('tells a person where a request went', async () => {
    const { out } = await run(['handle', event, '--world', world], setting);
    expect(out).toMatch(/ {2}ec2:StopInstances InstanceIds=i-0a1$/mu);
    expect(out).toMatch(/ {2}ec2:StopInstances in us-east-1 InstanceIds=i-0e5$/mu);
  });
});

describe('a story of several Regions', () => {
  it('says where each call went and where the world changed', async () => {
    const { code, out } = await run(['drill', 'two-regions'], { ...setting, drills: HOMES[0]?.drills ?? '' });
    expect(code).toBe(0);
    expect(out).toContain('ec2:DescribeInstances, ec2:DescribeInstances in us-east-1');
    expect(out).toMatch(/call {5}ec2:StopInstances in us-east-1 InstanceIds=i-0e5$/mu);
    expect(out).toMatch(/world {4}us-east-1 i-0e5 stopped$/mu);
  });
});

describe('a scripted change of another Region', () => {
  it('is told by the Region and the place there', () => {
    const told = { at: '2026-11-22T08:00:00.000Z', kind: 'world' as const };
    const timeline = [
      { ...told, text: 'regions/us-east-1/ec2/Instances/i-0e5/State/Name = "stopped"' },
      { ...told, text: 'ec2/Instances/i-0a1/State/Name = "stopped"' },
    ];
    const story = { timeline, results: [], invocations: [], requests: [], deadLetters: [] };
    expect(timelineLines(story, paintFor({ isTTY: false, write: () => true, columns: () => 120 }, {}), 120)).toEqual([
      '08:00:00  world    us-east-1 i-0e5/State/Name = stopped',
      '          world    i-0a1/State/Name = stopped',
    ]);
  });
});

describe('the requests of a run on AWS', () => {
  it('are noted with their Region where that is not home', async () => {
    vi.stubEnv('AWS_REGION', 'eu-west-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'x');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'x');
    // Nobody listens there.
    vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:9');
    const { calls, onClient } = requestRecorder('eu-west-1');
    const restore = surroundWith({ onClient });
    for (const use of [{}, { region: 'us-east-1' }, { region: 'eu-west-1' }]) {
      const ec2 = client(EC2Client, { ...use, purpose: 'noted' });
      await ec2.send(new DescribeInstancesCommand({})).catch(() => undefined);
    }
    restore();
    expect(calls.map(({ call, region }) => [call, region])).toEqual([
      ['ec2:DescribeInstances', undefined],
      ['ec2:DescribeInstances', 'us-east-1'],
      ['ec2:DescribeInstances', undefined],
    ]);
  });
});
