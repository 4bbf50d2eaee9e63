/** What the SDK's modules might become, for the plugins that rewrite them. */

/** Files as a later SDK might lay them out, and what the build then says. */
export const CHANGED = [
  [
    '@aws-sdk/client-new/dist-es/endpoint/bdd.js',
    'export const rules = {};',
    'has the SDK changed its endpoint rules?',
  ],
  [
    '@aws-sdk/client-old/dist-es/endpoint/bdd.js',
    'import { BinaryDecisionDiagram } from "@smithy/core/endpoints";\nexport const bdd = BinaryDecisionDiagram.from([-1, 1, -1], 1, [], []);',
    'neither FIPS nor dual stack is asked about; has the SDK changed its endpoint rules?',
  ],
  [
    '@smithy/core/dist-es/submodules/endpoints/util-endpoints/decideEndpoint.js',
    'export const decideEndpoint = () => 1;',
    'expected let ref = root; once; has the SDK changed',
  ],
  [
    '@aws-sdk/core/dist-es/submodules/client/util-endpoints/lib/aws/partitions.js',
    'export const partitionsInfo = { version: "2", partitions: [{ id: "aws", outputs: {}, regionRegex: "x", regions: { x: { description: "X", supportsFIPS: false } } }] };',
    'has the SDK changed its endpoint rules?',
  ],
  [
    '@aws-sdk/client-new/dist-es/schemas/schemas_0.js',
    'export const Thing$ = struct(3);',
    'no schema arrays found; has the SDK changed its layout?',
  ],
  [
    '@aws-sdk/client-ec2/dist-es/schemas/schemas_0.js',
    'const _a = "Colour";\nconst _eQN = "ec2QueryName";\nexport var Thing$ = [3, n0, _T, 0, [_a], [0]];\n',
    'no member names to derive; has the SDK changed its layout?',
  ],
  [
    '@aws-sdk/client-ssm/dist-es/schemas/schemas_0.js',
    'export var Thing$ = [3, n0, _T];\n',
    'no members to leave out; has the SDK changed its layout?',
  ],
  [
    '@aws-sdk/client-new/dist-es/runtimeExtensions.js',
    'export const resolveRuntimeExtensions = (runtimeConfig) => getNewExtensionConfiguration(runtimeConfig);',
    'offers something else to extensions',
  ],
  [
    '@smithy/core/dist-es/submodules/config/node-config-provider/fromSharedConfigFiles.js',
    'export const fromSharedConfigFiles = () => async () => undefined;',
    'reads profiles in another way than the SDK did',
  ],
  [
    '@aws-sdk/core/dist-es/submodules/client/emitWarningIfUnsupportedVersion.js',
    'export const emitWarningIfUnsupportedVersion = () => undefined;',
    'warns in another way than the SDK did',
  ],
  ['@aws-sdk/client-new/package.json', '{ "name": "new" }', 'no version'],
  [
    '@aws/durable-execution-sdk-js/dist/index.mjs',
    'export const withDurableExecution = 1;',
    "expected import('@aws-sdk/client-lambda') once; has the durable SDK changed?",
  ],
] as const;
