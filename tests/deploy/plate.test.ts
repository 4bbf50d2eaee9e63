/** The door plate: what it says once the deployment has put in what is its own, and that it fits. */

import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { PREFIX_MAX_LENGTH } from '../../build/deploy-parameters.ts';
import { readPlate } from '../../cli/operate/live/plates.ts';
import { doorPlate, PLATE_MAX_BYTES, type Plated } from '../../deploy/standard/plate.ts';
import { keeping, runbookNames } from '../../deploy/standard/standard.ts';

const LONGEST_PREFIX = 'p'.repeat(PREFIX_MAX_LENGTH);

/** The value as it stands in the account: with the framework's variables, and CloudFormation's. */
function deployed(runbooks: readonly Plated[], prefix: string): string {
  const { DoorPlate } = doorPlate(runbooks);
  const values: { readonly [variable: string]: string } = {
    'param:prefix': prefix,
    'param:dryRun': 'true',
    'param:approval': 'always',
    'param:mode': 'plan',
    'deploy:version': '0.1.0+1a2b3c4d',
    ControlTable: `${prefix}-control`,
    DataTable: `${prefix}-data`,
    OutcomeBus: prefix,
  };
  const { 'Fn::Sub': text } = z.strictObject({ 'Fn::Sub': z.string() }).parse(DoorPlate?.Properties['Value']);
  return text.replaceAll(/\$\{([^}]+)\}/gu, (_all, name: string) => values[name] ?? `no value of ${name}`);
}

describe('the door plate', () => {
  it('is a parameter that has the name of the stack', () => {
    expect(doorPlate([])).toMatchObject({
      DoorPlate: {
        Type: 'AWS::SSM::Parameter',
        Properties: { Name: '/runbook/stacks/${param:prefix}', Type: 'String' },
      },
    });
  });

  it('says what the command reads, as what it was deployed', () => {
    const value = deployed(
      [
        { runbook: 'block-address', isDurable: false },
        { runbook: 'carry-volumes', isDurable: true },
      ],
      'runbook-prod',
    );
    expect(JSON.parse(value)).toEqual({
      layout: 1,
      prefix: 'runbook-prod',
      version: '0.1.0+1a2b3c4d',
      runbooks: { 'block-address': 'plain', 'carry-volumes': 'durable' },
      parameters: { dryRun: true, approval: 'always', mode: 'plan' },
      controlTable: 'runbook-prod-control',
      dataTable: 'runbook-prod-data',
      outcomeBus: 'runbook-prod',
    });
    expect(readPlate(value)).toMatchObject({ prefix: 'runbook-prod', runbooks: { 'carry-volumes': 'durable' } });
  });

  it('has room for all runbooks of this version, and for as many again, with the longest prefix', () => {
    const runbooks = keeping(runbookNames());
    expect(runbooks.length).toBeGreaterThan(10);
    const bytes = Buffer.byteLength(deployed(runbooks, LONGEST_PREFIX));
    expect(bytes).toBeLessThan(1_000);
    expect(2 * bytes).toBeLessThan(PLATE_MAX_BYTES);
  });

  it('of eighty runbooks with names of thirty letters would still fit', () => {
    const many = Array.from({ length: 80 }, (_, index) => ({ runbook: `r${index}-`.padEnd(30, 'x'), isDurable: true }));
    expect(Buffer.byteLength(deployed(many, LONGEST_PREFIX))).toBeLessThan(PLATE_MAX_BYTES);
  });
});
