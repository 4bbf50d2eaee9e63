import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../../simulator/engine/model.ts';
import { refusal } from '../ec2/ec2-world.ts';
import { ssmWorld } from './ssm-world.ts';

const PARAMETERS = [
  { Name: 'command', DefaultValue: 'status', AllowedValues: ['status', 'park', 'unpark'] },
  { Name: 'partitions', DefaultValue: '', AllowedPattern: '^[A-Za-z0-9_ -]*$' },
];

/** A document that parks the partitions of a cluster, whose head node is `i-1`. */
function parking(Parks: Shape = {}, document: Shape = {}) {
  const Partitions = { busy: { Running: 1 }, efa: {}, off: { State: 'INACTIVE' } };
  const simulation = ssmWorld({
    document: { Freezes: undefined, Parameters: PARAMETERS, Parks: { Partitions, ...Parks }, ...document },
  });
  const printed = (command: string, ...names: readonly string[]): unknown => {
    simulation.send('', { Parameters: { command: [command], partitions: [names.join(' ')] } });
    simulation.pass(10);
    const [newest] = simulation.list({ Details: true }).CommandInvocations ?? [];
    const plugins: unknown = Reflect.get(newest ?? {}, 'CommandPlugins');
    const [plugin]: unknown[] = Array.isArray(plugins) ? plugins : [];
    return typeof plugin === 'object' && plugin !== null ? Reflect.get(plugin, 'Output') : undefined;
  };
  const states = (command: string, ...names: readonly string[]): unknown =>
    [...String(printed(command, ...names)).matchAll(/"name":"(\w+)","state":"(\w+)"/gu)].map(
      ([, name, state]) => `${name} ${state}`,
    );
  return { ...simulation, printed, states };
}

describe('a document that parks partitions', () => {
  it('prints how the cluster stands, in one line', () => {
    expect(parking({ Causes: ['no room'] }).printed('status')).toBe(
      '{"fleet":"RUNNING","partitions":[{"name":"busy","state":"UP","running":1,"pending":0},{"name":"efa","state":"UP","running":0,"pending":0},{"name":"off","state":"INACTIVE","running":0,"pending":0}],"causes":["no room"]}\n',
    );
  });

  it('parks what is named and has no job, and unparks what is named', () => {
    const { states, world } = parking();
    expect(states('park', 'busy', 'efa')).toEqual(['busy UP', 'efa INACTIVE', 'off INACTIVE']);
    expect(states('unpark', 'efa')).toEqual(['busy UP', 'efa UP', 'off INACTIVE']);
    expect([...world.assumed].join()).toContain('clustermgtd');
  });

  it('looks at the jobs when it runs, and not when it was sent', () => {
    const { states, set } = parking();
    set('ssm/Documents/FreezeData/Parks/Partitions/efa/Pending', 1);
    expect(states('park', 'efa')).toEqual(['busy UP', 'efa UP', 'off INACTIVE']);
  });

  it('changes nothing while the cluster does not run', () => {
    const { states, set } = parking({ Fleet: 'PROTECTED' });
    expect(states('unpark', 'off')).toEqual(['busy UP', 'efa UP', 'off INACTIVE']);
    set('ssm/Documents/FreezeData/Parks/Fleet', 'RUNNING');
    expect(states('unpark', 'off')).toEqual(['busy UP', 'efa UP', 'off UP']);
  });

  it('fails, or prints something else, where the world says so', () => {
    const failing = parking({}, { Fails: 'park' });
    expect(failing.printed('park', 'efa')).toBe('scontrol: the controller does not answer\n');
    expect(failing.list().CommandInvocations?.[0]?.Status).toBe('Failed');
    expect(failing.states('status')).toContain('efa UP');
    expect(parking({ Prints: 'hello' }).printed('status')).toBe('hello');
  });
});

describe('ListDocuments', () => {
  const tagged = (Value: string): Shape => ({ Tags: [{ Key: 'runbook:hpc-queue', Value }] });
  const { call } = ssmWorld({
    ssm: {
      Documents: [
        { Name: 'park', ...tagged('cfd') },
        { Name: 'other', ...tagged('wind') },
        { Name: 'automation', DocumentType: 'Automation', ...tagged('cfd') },
        { Name: 'shared', Owner: '444455556666', ...tagged('cfd') },
      ],
    },
  });
  const filters = (...Filters: readonly Shape[]): Shape => ({ Filters });
  const names = (input: Shape): unknown => {
    const found = call('ssm:ListDocuments', input)['DocumentIdentifiers'];
    return Array.isArray(found) ? found.map((one: Shape) => one['Name']) : undefined;
  };
  const own = { Key: 'Owner', Values: ['Self'] };

  it('gives those that pass all filters, with their owner', () => {
    expect(names({})).toEqual(['park', 'other', 'automation', 'shared']);
    expect(names(filters(own))).toEqual(['park', 'other', 'automation']);
    const tag = { Key: 'tag:runbook:hpc-queue', Values: ['cfd'] };
    const wanted = filters(own, { Key: 'DocumentType', Values: ['Command'] }, tag);
    expect(names(wanted)).toEqual(['park']);
    expect(call('ssm:ListDocuments', wanted)).toMatchObject({
      DocumentIdentifiers: [{ Name: 'park', Owner: '111122223333', DocumentType: 'Command' }],
    });
  });

  it('gives them page by page', () => {
    const first = call('ssm:ListDocuments', { MaxResults: 3 });
    expect(names({ MaxResults: 3, NextToken: first['NextToken'] })).toEqual(['shared']);
    expect(refusal(() => call('ssm:ListDocuments', { MaxResults: 51 }))).toContain('ValidationException');
  });

  it('refuses two tag keys, and says what is not modelled', () => {
    const tag = (key: string): Shape => ({ Key: `tag:${key}`, Values: ['x'] });
    expect(refusal(() => call('ssm:ListDocuments', filters(tag('a'), tag('b'))))).toContain('InvalidFilterKey');
    const unknown = [
      filters({ Key: 'Name', Values: ['p'] }),
      filters({ Key: 'Owner', Values: ['Amazon'] }),
      filters({ Key: 'Owner', Values: [] }),
      { DocumentFilterList: [] },
    ];
    for (const input of unknown) expect(() => call('ssm:ListDocuments', input)).toThrow('ssm:ListDocuments');
  });
});
