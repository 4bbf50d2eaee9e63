/** The command in this process: what it wrote, and how it ended. */

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../../cli/main.ts';
import type { CommandIo } from '../../cli/terminal.ts';
import type { DiscoveredFunction } from '../../rehearsal/functions.ts';
import { stopMarked } from './stop-marked.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Setting {
  readonly functions?: readonly DiscoveredFunction[];
  readonly env?: CommandIo['env'];
  readonly drills?: string;
  readonly tty?: boolean;
  readonly columns?: number;
  readonly onInterrupt?: CommandIo['onInterrupt'];
  readonly openPlace?: CommandIo['openPlace'];
  readonly mostSteps?: number;
  /** What the person types who is at the terminal. */
  readonly typed?: string;
}

/** Runs `runbook ARGUMENTS` with the test's own functions. */
export async function run(argv: readonly string[], setting: Setting = {}): Promise<Ran> {
  const {
    functions = [stopMarked()],
    env = {},
    drills = '/nowhere',
    tty = false,
    columns = 100,
    onInterrupt = () => () => undefined,
    openPlace,
    mostSteps,
    typed,
  } = setting;
  let out = '';
  let err = '';
  const code = await main(argv, {
    stdout: { write: (text) => void (out += text), isTTY: tty, columns: () => columns },
    stderr: { write: (text) => void (err += text), isTTY: tty, columns: () => columns },
    env,
    functions: () => Promise.resolve(functions),
    drills,
    onInterrupt,
    ...(openPlace === undefined ? {} : { openPlace }),
    ...(mostSteps === undefined ? {} : { mostSteps }),
    ...(typed === undefined ? {} : { readLine: () => Promise.resolve(typed) }),
  });
  return { code, out, err };
}

const folder = mkdtempSync(join(tmpdir(), 'runbook-cli-'));

/** Writes a file for one test; objects as JSON. Returns its path. */
export function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content));
  return path;
}

/** A world of instances by their marks: `{ 'i-0a1': 'stop' }`. */
export function marked(marks: { readonly [instanceId: string]: string }, more: object = {}): object {
  const Instances = Object.entries(marks).map(([InstanceId, Value]) => ({
    InstanceId,
    State: { Name: 'running' },
    Placement: { AvailabilityZone: 'eu-west-1a' },
    Tags: [{ Key: 'mark', Value }],
  }));
  return { now: '2026-11-22T08:00:00Z', account: '111122223333', region: 'eu-west-1', ec2: { Instances }, ...more };
}

/** The manual request to the tests' runbook. */
export const REQUEST = { runbook: 'stop-marked' };

/** An event that starts it for one instance. */
export function stateEvent(instanceId: string, changes: object = {}): object {
  return {
    version: '0',
    id: '0b8f6d3e-5c41-4a7e-9d20-000000000005',
    'detail-type': 'EC2 Instance State-change Notification',
    source: 'aws.ec2',
    account: '111122223333',
    time: '2026-11-22T08:00:00Z',
    region: 'eu-west-1',
    resources: [`arn:aws:ec2:eu-west-1:111122223333:instance/${instanceId}`],
    detail: { 'instance-id': instanceId, state: 'running' },
    ...changes,
  };
}
