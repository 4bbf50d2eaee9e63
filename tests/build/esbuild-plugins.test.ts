/** The plugins of the bundles one by one: what they rewrite, that it has an effect, and that a changed SDK stops the build. */

import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { deployedOptions } from '../../build/bundle.ts';
import { ROOT } from '../../build/cloudformation.ts';
import plugins from '../../build/esbuild-plugins.ts';
import { cutOperations, labelVerbose, nameErrors } from '../../build/slim-durable-sdk.ts';
import { reduceDiagram, slimPartitions } from '../../build/slim-endpoints.ts';
import {
  deriveMemberNames,
  dropErrorClasses,
  inlineStrings,
  leaveUnread,
  leaveUnreadInJson,
  markSchemasPure,
  UNREAD,
  UNREAD_OF_ALARMS,
  UNREAD_OF_FUNCTIONS,
  UNREAD_OF_GROUPS,
  UNREAD_OF_JOBS,
  UNREAD_OF_SCHEDULES,
  UNREAD_OF_TARGETS,
  UNREAD_OF_TRANSFERS,
  UNREAD_OF_WEB_ACLS,
} from '../../build/slim-schemas.ts';
import { elementsOf, leaveOutMembers, leaveOutUnnamed } from '../../build/slim-members.ts';
import { bundleBoth, runBundle, temporaryFolder } from './bundle-runs.ts';
import { CHANGED } from './changed-sdk.ts';

const folder = temporaryFolder();

const EC2_SCHEMAS = readFileSync(join(ROOT, 'node_modules/@aws-sdk/client-ec2/dist-es/schemas/schemas_0.js'), 'utf8');
const GROUP_SCHEMAS = readFileSync(
  join(ROOT, 'node_modules/@aws-sdk/client-auto-scaling/dist-es/schemas/schemas_0.js'),
  'utf8',
);
/** What may read EC2's answers in a bundle. */
const ALL_SOURCES = globSync('{functions,shared}/**/*.ts', { cwd: ROOT }).map((path) =>
  readFileSync(join(ROOT, path), 'utf8'),
);
const OWN_SOURCES = ALL_SOURCES.filter((text) => text.includes("'@aws-sdk/client-ec2'"));
const GROUP_READERS = ALL_SOURCES.filter((text) => text.includes("'@aws-sdk/client-auto-scaling'"));

describe('schemas', () => {
  it('are wrapped so that they count as pure, and nothing else', () => {
    const source =
      'const _a = "a";\nexport var Thing$ = [3, n0, _T,\n    { [_xN]: _it },\n    [_a], [0]\n];\nvar Names = 64 | 0;\nexport var Op$ = [9, n0, _O,\n    0, () => In$, () => Out$\n];\n';
    expect(markSchemasPure(source)).toBe(
      'const _a = "a";\nexport var Thing$ = /* @__PURE__ */ (() => [3, n0, _T,\n    { [_xN]: _it },\n    [_a], [0]\n])();\nvar Names = 64 | 0;\nexport var Op$ = /* @__PURE__ */ (() => [9, n0, _O,\n    0, () => In$, () => Out$\n])();\n',
    );
  });

  it('have no members that are named nowhere, but for what the SDK reads itself', () => {
    const source =
      'const _a = "Arn";\nconst _b = "Tags";\nconst _c = "Colour";\nconst _n = "NextToken";\nexport var T$ = [3, n0, _T,\n    0,\n    [_a, _c, _b, _n],\n    [0, [() => X$, { [_x]: [1, 2] }], [0, { [_x]: _b }], 0], 2\n];\n';
    const isNamed = (member: string): boolean => member === 'Tags';
    expect(leaveOutMembers(source, isNamed)).toContain('[3, n0, _T, 0, [_b, _n], [[0, { [_x]: _b }], 0], 0];');
    expect(leaveOutMembers(source, () => true)).toBe(source);
    expect(() => leaveOutMembers(source.replace('[_a, ', '['), isNamed)).toThrow('3 names of 4 members');
    expect(elementsOf('')).toEqual([]);
  });

  it('have all their members where others than we read them', () => {
    const path = (client: string): string => `node_modules/@aws-sdk/${client}/dist-es/schemas/schemas_0.js`;
    expect(leaveOutUnnamed(EC2_SCHEMAS, path('client-ec2')).length).toBeLessThan(EC2_SCHEMAS.length);
    expect(leaveOutUnnamed(EC2_SCHEMAS, path('client-s3'))).toBe(EC2_SCHEMAS);
    expect(() => leaveOutUnnamed('', path('client-ec2'))).toThrow('no members to leave out');
  });

  it('have strings that are used once where they are used, and the inside of strings left alone', () => {
    const source = 'const _a = "Arn";\nconst _b = "Tags";\nvar x = [_a, _b, _b, "_a"];\n';
    expect(inlineStrings(source)).toBe('const _b = "Tags";\nvar x = ["Arn", _b, _b, "_a"];\n');
  });

  it('have the two names of a member derived from one another, where the one is the other', () => {
    const source =
      'const _AI = "AllocationId";\nconst _aI = "allocationId";\nconst _tS = "tagSet";\nconst _iAS = "ipsSet";\nvar x = [[0, { [_eQN]: `AllocationId`,\n        [_xN]: _aI }], [() => TagList, { [_eQN]: `TagSet`,\n        [_xN]: _tS }], [2, { [_eQN]: `Ips`,\n        [_xN]: _iAS }]];\n';
    const helper =
      'const ec2Member = (name, schema = 0) => [schema, { ec2QueryName: name, xmlName: name[0].toLowerCase() + name.slice(1) }];\n';
    const strings =
      'const _AI = "AllocationId";\nconst _aI = "allocationId";\nconst _tS = "tagSet";\nconst _iAS = "ipsSet";\n';
    expect(deriveMemberNames(source)).toBe(
      `${helper}${strings}var x = [ec2Member(_AI), ec2Member("TagSet", () => TagList), [2, { [_eQN]: \`Ips\`,\n        [_xN]: _iAS }]];\n`,
    );
    expect(deriveMemberNames(strings)).toBe(strings);
  });

  it('take what nobody reads as it is', () => {
    const member = (schema: string): string => `[() => ${schema}, { [_eQN]: \`Thing\`,\n [_xN]: _t }]`;
    expect(leaveUnread(member('EnclaveOptions$'))).toBe('[15, { [_eQN]: `Thing`,\n [_xN]: _t }]');
    expect(leaveUnread(member('TagList'))).toBe(member('TagList'));
  });

  it.each(UNREAD)('nothing of ours reads what is of the kind %s', (schema) => {
    const name = schema.replace('$', String.raw`\$`);
    const member = new RegExp(`\\[\\(\\) => ${name}, \\{ \\[_eQN\\]: \`(\\w+)\``, 'gu');
    const names = [...EC2_SCHEMAS.matchAll(member)].flatMap(([, found = '']) => [found, found.replace(/Set$/u, '')]);
    expect(names).not.toEqual([]);
    const read = OWN_SOURCES.filter((text) => names.some((each) => new RegExp(`\\b${each}\\b`, 'u').test(text)));
    expect(read).toEqual([]);
  });

  it('take of a group as it is what nobody reads of it, and that only', () => {
    const group = 'export var AutoScalingGroup$ = [3, n0, _ASG, [() => MixedInstancesPolicy$, 0], () => Instances];';
    expect(leaveUnread(group)).toBe('export var AutoScalingGroup$ = [3, n0, _ASG, [15, 0], () => Instances];');
    const request = 'export var CreateType$ = [3, n0, _CT, [() => MixedInstancesPolicy$, 0]];';
    expect(leaveUnread(request)).toBe(request);
  });

  it.each(UNREAD_OF_GROUPS)('nothing of ours reads %s of a group', (schema) => {
    const name = new RegExp(`\\b${schema.replace('$', '')}\\b`, 'u');
    expect(GROUP_SCHEMAS).toContain(`() => ${schema}`);
    expect(GROUP_READERS.filter((text) => name.test(text))).toEqual([]);
  });

  it('what nobody reads is in no request that we send', () => {
    const declared = [...EC2_SCHEMAS.matchAll(/^(?:export )?var (\w+\$?) = (\[[\s\S]*?\]);$/gmu)];
    const bodies = new Map(declared.map(([, name = '', body = '']) => [name, body]));
    const commands = OWN_SOURCES.flatMap((text) => [...text.matchAll(/\b(?:paginate)?([A-Z]\w+?)(?:Command)?\b/gu)]);
    const requests = new Set(commands.map(([, name = '']) => `${name}Request$`).filter((name) => bodies.has(name)));
    expect(requests.size).toBeGreaterThan(10);
    const reached = new Set<string>();
    const walk = (name: string): void => {
      if (reached.has(name)) return;
      reached.add(name);
      for (const [, next = ''] of (bodies.get(name) ?? '').matchAll(/\(\) => (\w+\$?)/gu)) walk(next);
    };
    requests.forEach(walk);
    expect(UNREAD.filter((name) => reached.has(name))).toEqual([]);
  });

  describe.each([
    ['client-wafv2', UNREAD_OF_WEB_ACLS],
    ['client-cloudwatch', UNREAD_OF_ALARMS],
    ['client-lambda', UNREAD_OF_FUNCTIONS],
    ['client-eventbridge', UNREAD_OF_TARGETS],
    ['client-scheduler', UNREAD_OF_SCHEDULES],
    ['client-batch', UNREAD_OF_JOBS],
    ['client-datasync', UNREAD_OF_TRANSFERS],
  ])('of %s', (name, unread) => {
    const path = `node_modules/@aws-sdk/${name}/dist-es/schemas/schemas_0.js`;
    const source = readFileSync(join(ROOT, path), 'utf8');
    const readers = ALL_SOURCES.filter((text) => text.includes(`'@aws-sdk/${name}'`));

    it('take what nobody reads as it is, and that only', () => {
      const left = leaveUnreadInJson(source, join(ROOT, path));
      const references = (text: string): string[] =>
        [...text.matchAll(/\(\) => (\w+\$?)/gu)].map(([, found = '']) => found);
      expect(references(left)).toEqual(references(source).filter((each) => !unread.includes(each)));
      expect(leaveUnreadInJson(source, 'node_modules/@aws-sdk/client-ec2/dist-es/schemas/schemas_0.js')).toBe(source);
    });

    it.each(unread)('nothing of ours reads or sends %s', (schema) => {
      // As a member of what it stands in, which may have a longer name: a rule's `RuleLabels`.
      const word = new RegExp(`\\b(?:Rule)?${schema.replace('$', '')}\\b`, 'u');
      expect(source).toContain(`() => ${schema}`);
      expect(readers.filter((text) => word.test(text))).toEqual([]);
    });
  });

  it('lose the registration of every error class but the base one and those that are renamed', () => {
    const base = '_s_registry.registerError(AutoScalingServiceException$, AutoScalingServiceException);\n';
    const renamed = 'n0_registry.registerError(ResourceContentionFault$, ResourceContentionFault);\n';
    expect(
      dropErrorClasses(`${base}n0_registry.registerError(AlreadyExistsFault$, AlreadyExistsFault);\n${renamed}`),
    ).toBe(`${base}\n${renamed}`);
  });
});

describe('endpoint rules', () => {
  it('lose every question about FIPS and dual stack, and what only the other answer leads to', () => {
    const region = [{ ref: 'Region' }];
    const asks = (ref: string): [string, unknown[]] => ['booleanEquals', [{ ref }, true]];
    const url = (text: string): unknown[] => [text, {}];
    const rules = {
      nodes: [-1, 1, -1, 0, 4, 3, 1, 100_000_002, 100_000_000, 2, 5, 100_000_003, 1, 100_000_000, -3],
      root: 2,
      conditions: [asks('UseFIPS'), asks('UseDualStack'), ['isSet', region] as [string, unknown[]]],
      results: [url('plain'), url('never'), url('dual'), url('fips')],
    };
    expect(reduceDiagram(rules)).toEqual({
      nodes: [-1, 1, -1],
      root: 100_000_000,
      conditions: [],
      results: [url('plain')],
    });
    expect(reduceDiagram({ ...rules, root: -4 })).toEqual({
      nodes: [-1, 1, -1, 0, 100_000_000, 100_000_001],
      root: -2,
      conditions: [['isSet', region]],
      results: [url('dual'), url('fips')],
    });
  });

  it('keep of the regions those that no pattern finds', async () => {
    const outputs = { dnsSuffix: 'amazonaws.com' };
    const source = {
      version: '1.1',
      partitions: [
        {
          id: 'aws',
          outputs,
          regionRegex: '^eu\\-\\w+\\-\\d+$',
          regions: { 'eu-west-1': { description: 'Ireland' }, 'aws-global': { description: 'everywhere' } },
        },
      ],
    };
    expect(await slimPartitions(`export const partitionsInfo = ${JSON.stringify(source)};`)).toBe(
      `export const partitionsInfo = ${JSON.stringify({ version: '1.1', partitions: [{ id: 'aws', outputs, regionRegex: '^eu\\-\\w+\\-\\d+$', regions: { 'aws-global': {} } }] })};`,
    );
  });
});

describe('the durable SDK', () => {
  const source = readFileSync(join(ROOT, 'node_modules/@aws/durable-execution-sdk-js/dist/index.mjs'), 'utf8');

  it('loses operations as wholes', () => {
    const cut = cutOperations(source);
    expect(source.length - cut.length).toBeGreaterThan(30_000);
    expect(cut).toContain(
      "\nconst createInvokeHandler = () => { throw new Error('invoke() is not part of this bundle; see build/slim-durable-sdk.ts'); };\n",
    );
    expect(() => cutOperations(cut.replace('const createPluginRunner', 'const createRunner'))).toThrow(
      'expected createPluginRunner once, found it 0 times',
    );
  });

  it('has what it says in its verbose mode labelled, and no method of that name', () => {
    expect(
      labelVerbose(
        '        log("x", "Step:", {\n            stepId,\n        });\n    log(level, ...message) {\n        console.log("y");\n    }\n',
      ),
    ).toBe(
      '        VERBOSE: log("x", "Step:", {\n            stepId,\n        });\n    log(level, ...message) {\n        console.log("y");\n    }\n',
    );
    expect(() => labelVerbose('console.log("y");')).toThrow('expected calls of log()');
  });

  it('names its errors itself', () => {
    expect(
      nameErrors(
        'class A extends Error {\n    constructor() {\n        this.name = this.constructor.name;\n    }\n}\nclass B extends A {\n}\n',
      ),
    ).toBe(
      "class A extends Error {\n    static name = 'A';\n    constructor() {\n        this.name = this.constructor.name;\n    }\n}\nclass B extends A {\n}\n",
    );
    expect(() => nameErrors('class A extends Error {}')).toThrow('expected this.name = this.constructor.name;');
  });
});

/** Text that each plugin keeps out, and that is in the bundle without it. */
const KEPT_OUT = {
  'slim-schemas': ['imageBlockPublicAccessState', 'SnapStartTimeoutException'],
  'slim-endpoints': ['Africa (Cape Town)', 'events-fips.', 'DualStack is enabled'],
  'slim-durable-sdk': [
    'ListFunctionsCommand',
    'waitForCondition failed',
    'waitForCallback requires a submitter',
    'Dynamic plugin configuration failed',
  ],
  'environment-credentials': ['sso_session'],
  'version-only': ['devDependencies'],
  'unreached-parts': ['mnemonist', 'minFillRate', '1116352408', 'instance metadata service', 'transformToWebStream'],
  'one-region': ['signature-v4-crt'],
  'no-extensions': ['setHttpAuthScheme', 'addChecksumAlgorithm'],
  'one-reader-of-times': ['Epoch timestamps must be valid, non-Infinite'],
  'no-event-streams': ['prelude checksum', 'to represent as an Int64'],
  'no-profiles': ['Not found in config files w/ profile'],
  'no-version-warning': ['NodeVersionSupportWarning'],
};

describe('a bundle', () => {
  it('has nothing of what each plugin is there to keep out, and with the whole SDK all of it', async () => {
    const paths = await bundleBoth(
      "export { handler } from './tests/recycle-instances/handler.ts';",
      folder,
      'recycle',
    );
    const [slim, whole] = [readFileSync(paths.slim, 'utf8'), readFileSync(paths.whole, 'utf8')];
    const texts = Object.values(KEPT_OUT).flat();
    expect(texts.filter((text) => !whole.includes(text))).toEqual([]);
    expect(texts.filter((text) => slim.includes(text))).toEqual([]);
    // Two have nothing to keep out of a bundle with the durable host, and without S3: `slim-retries.test.ts`, `bundled-s3.test.ts`.
    const elsewhere = ['slim-retries', 'slim-s3'];
    expect(plugins.map(({ name }) => name).toSorted()).toEqual([...Object.keys(KEPT_OUT), ...elsewhere].toSorted());
  });

  it('says of every part that is not reached that it is not in it', async () => {
    const parts = [
      ['@aws-sdk/endpoint-cache/dist-es/index.js', 'EndpointCache', 'endpoint discovery'],
      [
        '@smithy/core/dist-es/submodules/retry/util-retry/AdaptiveRetryStrategy.js',
        'AdaptiveRetryStrategy',
        'adaptive retrying',
      ],
      ['@smithy/core/dist-es/submodules/checksum/sha256/Sha256Js.js', 'Sha256Js', 'SHA-256 in JavaScript'],
      ['@smithy/signature-v4/dist-es/HeaderFormatter.js', 'HeaderFormatter', 'signing event streams'],
      [
        '@smithy/core/dist-es/submodules/config/config-resolver/regionConfig/getInstanceMetadataRegion.js',
        'getInstanceMetadataRegion',
        'the region of an instance',
      ],
      [
        '@smithy/core/dist-es/submodules/serde/util-stream/sdk-stream-mixin.js',
        'sdkStreamMixin',
        'an answer that is a stream',
      ],
    ] as const;
    const contents = `
      ${parts.map(([path, name]) => `import { ${name} } from './node_modules/${path}';`).join('\n')}
      import { EventStreamSerde, resolveEventStreamSerdeConfig, eventStreamSerdeProvider } from '@smithy/core/event-streams';
      const said = (use) => { try { use(); return 'nothing'; } catch (error) { return error.message; } };
      const { eventStreamMarshaller } = resolveEventStreamSerdeConfig({ eventStreamSerdeProvider });
      export const handler = () => [${parts.map(([, name]) => `said(() => new ${name}().use), said(() => ${name}().use)`).join(', ')}, said(() => new EventStreamSerde()), said(() => eventStreamMarshaller.serialize())];`;
    const outfile = join(folder, 'unreached.mjs');
    await build({
      ...deployedOptions(),
      stdin: { contents, resolveDir: ROOT },
      outfile,
      absWorkingDir: ROOT,
      logLevel: 'silent',
    });
    const missing = (what: string): string => `${what} not part of this bundle; see build/esbuild-plugins.ts`;
    expect(await runBundle(outfile, {})).toEqual([
      ...parts.flatMap(([, , what]) => [missing(`${what} is`), missing(`${what} is`)]),
      missing('event streams are'),
      missing('event streams are'),
    ]);
  });
});

describe('a build', () => {
  it.each(CHANGED)('stops at %s that has changed', async (file, contents, text) => {
    const path = join(folder, 'changed/node_modules', file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, contents);
    await expect(
      build({
        ...deployedOptions(),
        stdin: { contents: `import ${JSON.stringify(path)};`, resolveDir: ROOT },
        write: false,
        logLevel: 'silent',
      }),
    ).rejects.toThrow(text);
  });
});
