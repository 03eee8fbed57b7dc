import { actorOf } from "./actor.ts";
import {
  accessByName,
  type IvsAccess,
  type IvsPlane,
  type IvsService,
  isIvsRecord,
  ivsOperationOf,
  sharedService,
} from "./catalog.ts";
import { isObject, type JsonObject } from "./record.ts";
import { resourcesOf } from "./resources.ts";

/** The derived fields `ivs.*` of a record of Amazon IVS. */
export interface IvsFacts {
  readonly service: IvsService;
  /** For an operation that the catalog does not know, what the name says. */
  readonly access: IvsAccess;
  readonly mutating: boolean;
  /** Undefined for an operation that the catalog does not know. */
  readonly plane: IvsPlane | undefined;
  /** Whether the catalog knows the operation. */
  readonly known: boolean;
  /** Top-level request keys that the catalog does not know for this operation; at most 50. */
  readonly unknownKeys: readonly string[];
  /** ARNs in request and response, decoded. */
  readonly resources: readonly string[];
}

const maximumKeys = 50;

/** The facts of a record of Amazon IVS; undefined for every other record. The two lists are computed when read. */
export const ivsFactsOf = (record: JsonObject): IvsFacts | undefined => {
  if (!isIvsRecord(record)) return undefined;
  const operation = ivsOperationOf(record);
  const access = operation?.access ?? accessByName(String(record.eventName));
  return {
    service: operation?.service ?? sharedService(record),
    access,
    mutating: access === "write" || access === "tagging",
    plane: operation?.plane,
    known: operation !== undefined,
    get unknownKeys() {
      if (operation === undefined || !isObject(record.requestParameters)) return [];
      const keys = Object.keys(record.requestParameters);
      return keys.filter((key) => !operation.inputKeys.includes(key)).slice(0, maximumKeys);
    },
    get resources() {
      return resourcesOf(record);
    },
  };
};

/**
 * The roots of the derived fields that policies can test, each computed from a record on demand: `actor.*` and
 * `ivs.*`. A root that does not apply to a record is undefined, so all its fields are absent.
 */
export const derivedFields = {
  actor: actorOf,
  ivs: ivsFactsOf,
} as const satisfies Record<string, (record: JsonObject) => object | undefined>;
