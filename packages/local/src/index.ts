export { createResources, type LocalResources } from "./create-resources.ts";
export { AwsServiceError, FaultError, LocalAwsError, PortInUseError } from "./errors.ts";
export { type Fault, type FaultKind, type FaultStatus, faultKinds } from "./faults/fault.ts";
export type { Faults } from "./faults/fault-plan.ts";
export { type LoopbackServer, listenOnLoopback, type RequestListener } from "./http/loopback-server.ts";
export type { ServiceName } from "./http/service-request.ts";
export type { Mail, Mailbox } from "./mailbox.ts";
export { compileFilterPolicy, type FilterPolicyScope, type MessageFilter } from "./sns/filter-policy.ts";
export { type LocalAws, type LocalAwsOptions, startLocalAws } from "./start-local-aws.ts";
