interface Permission {
  readonly actions: string[];
  readonly resources: $util.Input<string>[];
  readonly conditions?: { test: string; variable: string; values: $util.Input<string>[] }[];
}

export interface FunctionOptions {
  /** What its log group is called below `/aws/lambda/<app>-<stage>-`. */
  readonly shortName: string;
  readonly description: string;
  /** `<path without extension>.<export>` */
  readonly handler: string;
  readonly memoryMegabytes: number;
  readonly timeoutSeconds: number;
  readonly copyFiles?: readonly { readonly from: string; readonly to: string }[];
  readonly environment: Readonly<Record<string, $util.Input<string>>>;
  /** Written out instead of linked: SST's links would grant `sqs:*` and `sns:*`. */
  readonly permissions: readonly Permission[];
  /** Name of function and role, where SST's own could be shortened. */
  readonly physicalName?: string;
  /** Encrypts the environment, so that reading the function's configuration does not show it. */
  readonly environmentKey?: aws.kms.Key;
}

/** A function of this product: logs of its own for 90 days, and a role with exactly the permissions that are named. */
export function createFunction(name: string, options: FunctionOptions): sst.aws.Function {
  const { physicalName, environmentKey } = options;
  const logs = new aws.cloudwatch.LogGroup(`${name}Logs`, {
    name: `/aws/lambda/${$app.name}-${$app.stage}-${options.shortName}`,
    retentionInDays: 90,
  });
  return new sst.aws.Function(name, {
    ...(physicalName === undefined ? {} : { name: physicalName }),
    description: options.description,
    handler: options.handler,
    runtime: "nodejs24.x",
    architecture: "arm64",
    memory: `${options.memoryMegabytes} MB`,
    timeout: `${options.timeoutSeconds} seconds`,
    logging: { format: "json", logGroup: logs.name },
    copyFiles: [...(options.copyFiles ?? [])],
    environment: { ...options.environment },
    permissions: [
      ...options.permissions,
      // The stream of a log group is written under "<group>:*"; the group itself exists already.
      { actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resources: [$interpolate`${logs.arn}:*`] },
    ],
    transform: {
      function: (args) => {
        if (environmentKey !== undefined) args.kmsKeyArn = environmentKey.arn;
        return undefined;
      },
      role: (role) => {
        if (physicalName !== undefined) role.name = physicalName;
        // SST attaches AWSLambdaBasicExecutionRole, which lets the function write to every log group.
        role.managedPolicyArns = [];
        // SST also lets the account's own principals assume the role, which only its live development mode needs.
        if (!$dev) {
          role.assumeRolePolicy = JSON.stringify(
            aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" }),
          );
        }
        return undefined;
      },
    },
  });
}
