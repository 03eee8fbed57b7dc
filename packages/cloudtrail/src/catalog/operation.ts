export type IvsService = "low-latency" | "real-time" | "chat";
export type IvsAccess = "read" | "list" | "write" | "tagging";
export type IvsPlane = "control" | "runtime";

/** What is known of one IVS operation. Paths are dotted, `[]` stands for every item of a list. */
export interface IvsOperation {
  readonly service: IvsService;
  readonly operation: string;
  readonly eventSource: string;
  /** The level of the service authorization reference. */
  readonly access: IvsAccess;
  /** Whether it changes anything. Never ask the record's `readOnly`: AWS's own model is wrong for three writes. */
  readonly mutating: boolean;
  /** `runtime`: applications call it while streams run; `control`: it configures resources. */
  readonly plane: IvsPlane;
  /** Top-level keys of the request. */
  readonly inputKeys: readonly string[];
  /** Secrets in `requestParameters`. */
  readonly secretInput: readonly string[];
  /** Secrets in `responseElements`. */
  readonly secretOutput: readonly string[];
  /** Types of the resources that the call needs rights on. */
  readonly resourceTypes: readonly string[];
}
