import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../build/cloudformation.ts';
import { KEPT_MEMBERS, keepMembers } from '../../build/kept-members.ts';

const NAMES = 'const _B = "Bucket";\nconst _K = "Key";\nconst _Ra = "Range";\n';

function declared(client: string, schema: string): string {
  const path = join(ROOT, 'node_modules', '@aws-sdk', client, 'dist-es', 'schemas', 'schemas_0.js');
  return keepMembers(readFileSync(path, 'utf8')).split(`export var ${schema} = `)[1]?.split(';\n')[0] ?? '';
}

describe('members that stay', () => {
  it('are those of the list, with their schemas, as many demanded as were among the first', () => {
    const source = `${NAMES}export var HeadObjectRequest$ = [3, n0, _HOR,\n    0,\n    [_B, _K, _Ra],\n    [[0, 1], [0, { [_x]: [1, 2] }], [0, { [_hH]: _Ra }]], 2\n];\nexport var Other$ = [3, n0, _O, 0, [_Ra], [0]];\n`;
    expect(keepMembers(source)).toBe(
      `${NAMES}export var HeadObjectRequest$ = [3, n0, _HOR, 0, ["Bucket", "Key"], [[0, 1], [0, { [_x]: [1, 2] }]], 2];\nexport var Other$ = [3, n0, _O, 0, [_Ra], [0]];\n`,
    );
    expect(() => keepMembers(source.replace('[[0, 1], ', '['))).toThrow('HeadObjectRequest$: 3 members and 2 schemas');
  });

  it('are there in the schemas of the SDK', () => {
    expect(declared('client-s3', 'HeadObjectOutput$')).toContain('[], [], 0]');
    const launch = declared('client-ec2', 'RunInstancesRequest$');
    for (const member of KEPT_MEMBERS['RunInstancesRequest$'] ?? []) expect(launch).toContain(JSON.stringify(member));
    expect(launch).not.toContain('_BDMl');
  });
});
