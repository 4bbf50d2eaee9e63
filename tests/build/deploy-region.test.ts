/** Which Region is taken: the command line, the environment, the profile; and what is said of it. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { chooseRegion, profileOf, profileRegions, type RegionPlaces } from '../../build/deploy-region.ts';

function places(given: Partial<RegionPlaces> = {}): RegionPlaces {
  return { options: {}, environment: {}, profiles: {}, ...given };
}

describe('the Region', () => {
  const everywhere = {
    options: { region: 'eu-north-1' },
    environment: { AWS_REGION: 'us-east-1', AWS_DEFAULT_REGION: 'us-west-2' },
    profiles: { default: 'ap-southeast-2' },
  };

  it('is that of the command line before any other', () => {
    expect(chooseRegion(everywhere)).toEqual({
      region: 'eu-north-1',
      source: '--region',
      others: [
        'AWS_REGION says us-east-1',
        'AWS_DEFAULT_REGION says us-west-2',
        'the profile default says ap-southeast-2',
      ],
    });
  });

  it('is that of AWS_REGION before AWS_DEFAULT_REGION, before that of the profile', () => {
    expect(chooseRegion({ ...everywhere, options: {} })).toMatchObject({ region: 'us-east-1', source: 'AWS_REGION' });
    expect(
      chooseRegion({ ...everywhere, options: {}, environment: { AWS_DEFAULT_REGION: 'us-west-2' } }),
    ).toMatchObject({ region: 'us-west-2', source: 'AWS_DEFAULT_REGION' });
    expect(chooseRegion({ ...everywhere, options: {}, environment: {} })).toEqual({
      region: 'ap-southeast-2',
      source: 'the profile default',
      others: [],
    });
  });

  it('is not said to be otherwise where all agree', () => {
    const environment = { AWS_REGION: 'us-east-1', AWS_DEFAULT_REGION: 'us-east-1' };
    expect(chooseRegion(places({ environment }))).toEqual({ region: 'us-east-1', source: 'AWS_REGION', others: [] });
  });

  it('is nobody’s where none is configured, also where a variable is set to nothing', () => {
    const nothing = { region: 'eu-west-1', source: undefined, others: [] };
    expect(chooseRegion(places())).toEqual(nothing);
    expect(chooseRegion(places({ environment: { AWS_REGION: '', AWS_DEFAULT_REGION: ' ' } }))).toEqual(nothing);
    expect(chooseRegion(places({ profiles: { other: 'us-east-1' } }))).toEqual(nothing);
  });

  it.each(['eu-west-1', 'us-gov-west-1', 'us-isob-east-1', 'eusc-de-east-1', 'cn-northwest-1', 'mx-central-1'])(
    'may be %s',
    (region) => {
      expect(chooseRegion(places({ options: { region } }))).toMatchObject({ region });
    },
  );

  it.each(['eu_west_1', 'EU-WEST-1', 'eu-west', 'europe', 'eu-west-1a', 'https://ec2.eu-west-1.amazonaws.com'])(
    'cannot be %s, and that is told with its place',
    (region) => {
      expect(chooseRegion(places({ environment: { AWS_REGION: region } }))).toBe(
        `AWS_REGION: "${region}" is no Region; expected one like eu-west-1`,
      );
    },
  );
});

describe('the profile', () => {
  it('is the one whose credentials the framework takes', () => {
    const environment = { AWS_PROD_PROFILE: 'of-stage', AWS_PROFILE: 'of-shell', AWS_DEFAULT_PROFILE: 'of-default' };
    expect(profileOf({ options: { 'aws-profile': 'given', stage: 'prod' }, environment })).toBe('given');
    expect(profileOf({ options: { stage: 'prod' }, environment })).toBe('of-stage');
    expect(profileOf({ options: { stage: 'dev' }, environment })).toBe('of-shell');
    expect(profileOf({ options: {}, environment: { AWS_DEFAULT_PROFILE: 'of-default' } })).toBe('of-default');
    expect(profileOf({ options: {}, environment: {} })).toBe('default');
  });
});

describe('AWS’s shared files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'runbook-region-'));
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  });

  it('tell the Region of each profile that has one', async () => {
    writeFileSync(
      join(folder, 'config'),
      '[default]\nregion = us-east-2\n[profile prod]\nregion=eu-central-1\n[profile bare]\noutput=json\n',
    );
    writeFileSync(join(folder, 'credentials'), '[old]\nregion = sa-east-1\naws_access_key_id = x\n');
    vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'config'));
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'credentials'));
    expect(await profileRegions()).toEqual({ default: 'us-east-2', prod: 'eu-central-1', old: 'sa-east-1' });
  });

  it('need not be there', async () => {
    vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'none'));
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'none'));
    expect(await profileRegions()).toEqual({});
  });
});
