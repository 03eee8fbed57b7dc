/** A resource that would be deployed: Pulumi's type token, the logical name, and what would be asked of AWS. */
export interface Resource {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

/** The part of `@pulumi/pulumi` that is used here; the module itself comes with the platform. */
export interface Pulumi {
  readonly runtime: {
    setMocks(mocks: Mocks, project: string, stack: string, preview: boolean): Promise<void>;
    runInPulumiStack(program: () => Promise<unknown>): Promise<unknown>;
  };
}

interface NewResource {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
  readonly id?: string;
}

interface Mocks {
  newResource(resource: NewResource): { id: string; state: Record<string, unknown> };
  call(call: { readonly token: string; readonly inputs: Record<string, unknown> }): Record<string, unknown>;
}

/** Whose imaginary deployment it is. */
export const account = "123456789012";

/**
 * Stands in for AWS: records every resource and answers with attributes made of the resource's own name, so that two
 * runs give the same graph and a reference from one resource to another can be read in it.
 */
export function createMocks(graph: Resource[], region: string): Mocks {
  const arnOf = arnsIn(region);
  return {
    newResource({ type, name, inputs, id }) {
      graph.push({ type, name, inputs });
      const physicalName = typeof inputs.name === "string" ? inputs.name : name;
      return {
        id: id ?? `${physicalName}-id`,
        state: {
          ...inputs,
          name: physicalName,
          arn: arnOf(type, physicalName),
          url: `https://sqs.${region}.amazonaws.com/${account}/${physicalName}`,
          keyId: physicalName,
          base64: "bW9jaw==",
        },
      };
    },
    call({ token, inputs }) {
      switch (token) {
        case "aws:index/getRegion:getRegion":
          return { region };
        case "aws:index/getPartition:getPartition":
          return { partition: "aws" };
        case "aws:index/getCallerIdentity:getCallerIdentity":
          return { accountId: account };
        case "aws:iam/getPolicyDocument:getPolicyDocument":
          return { ...inputs, json: policyDocument(inputs.statements) };
        default:
          return inputs;
      }
    },
  };
}

function arnsIn(region: string): (type: string, physicalName: string) => string {
  const formats: Readonly<Record<string, string>> = {
    "aws:cloudwatch/eventRule:EventRule": `arn:aws:events:${region}:${account}:rule/`,
    "aws:cloudwatch/logGroup:LogGroup": `arn:aws:logs:${region}:${account}:log-group:`,
    "aws:dynamodb/table:Table": `arn:aws:dynamodb:${region}:${account}:table/`,
    "aws:iam/role:Role": `arn:aws:iam::${account}:role/`,
    "aws:kms/key:Key": `arn:aws:kms:${region}:${account}:key/`,
    "aws:lambda/function:Function": `arn:aws:lambda:${region}:${account}:function:`,
    "aws:sns/topic:Topic": `arn:aws:sns:${region}:${account}:`,
    "aws:sqs/queue:Queue": `arn:aws:sqs:${region}:${account}:`,
  };
  return (type, physicalName) => `${formats[type] ?? `arn:aws:mock:::${type}/`}${physicalName}`;
}

interface PolicyStatement {
  readonly effect?: string;
  readonly actions?: readonly string[];
  readonly resources?: readonly string[];
  readonly principals?: readonly { type: string; identifiers: readonly string[] }[];
  readonly conditions?: readonly { test: string; variable: string; values: readonly string[] }[];
}

/** What the real `getPolicyDocument` does with Pulumi's camel case: the JSON that IAM understands. */
function policyDocument(statements: unknown): string {
  const list = Array.isArray(statements) ? (statements as PolicyStatement[]) : [];
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: list.map(({ effect = "Allow", actions, resources, principals = [], conditions = [] }) => ({
      Effect: effect,
      ...(principals.length > 0 && {
        Principal: Object.fromEntries(principals.map(({ type, identifiers }) => [type, identifiers])),
      }),
      Action: actions,
      ...(resources && { Resource: resources }),
      ...(conditions.length > 0 && {
        Condition: Object.fromEntries(
          conditions.map(({ test, variable, values }) => [test, { [variable]: values }]),
        ),
      }),
    })),
  });
}
