import { LazyActor } from "./actor/actor.ts";
import { type KnownRoles, noKnownRoles } from "./actor/known-roles.ts";
import {
  accessByName,
  isIvsRecord,
  ivsEventSources,
  ivsOperationOf,
  sharedService,
} from "./catalog/catalog.ts";
import type { IvsAccess, IvsOperation, IvsPlane, IvsService } from "./catalog/operation.ts";
import { resourcesOf } from "./catalog/resources.ts";
import { isObject, type JsonObject } from "./record.ts";

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
export function ivsFactsOf(record: JsonObject): IvsFacts | undefined {
  return isIvsRecord(record) ? new LazyIvsFacts(record) : undefined;
}

class LazyIvsFacts implements IvsFacts {
  readonly #record: JsonObject;
  readonly #operation: IvsOperation | undefined;

  constructor(record: JsonObject) {
    this.#record = record;
    this.#operation = ivsOperationOf(record);
  }

  get service(): IvsService {
    return this.#operation?.service ?? sharedService(this.#record);
  }

  get access(): IvsAccess {
    return this.#operation?.access ?? accessByName(String(this.#record.eventName));
  }

  get mutating(): boolean {
    const { access } = this;
    return access === "write" || access === "tagging";
  }

  get plane(): IvsPlane | undefined {
    return this.#operation?.plane;
  }

  get known(): boolean {
    return this.#operation !== undefined;
  }

  get unknownKeys(): readonly string[] {
    const operation = this.#operation;
    const { requestParameters } = this.#record;
    if (operation === undefined || !isObject(requestParameters)) return [];
    const keys = Object.keys(requestParameters);
    return keys.filter((key) => !operation.inputKeys.includes(key)).slice(0, maximumKeys);
  }

  get resources(): readonly string[] {
    return resourcesOf(this.#record);
  }
}

/** What the names of service and operation decide; `service` is not among them, because two services share an operation. */
const byName = ["eventSource", "eventName"];

/**
 * The roots of the derived fields that policies can test, each computed from a record on demand: `actor.*` and
 * `ivs.*`. A root that does not apply to a record is undefined, so all its fields are absent.
 *
 * @param roles what the site says of its roles (`identities` in `streamwarden.yml`).
 */
export function derivedFieldsFor(roles: KnownRoles) {
  return {
    actor: {
      compute: (record: JsonObject) => new LazyActor(record, roles),
      // A condition may name the role or the person; an exception that names a role goes on to hold for its people.
      testedAs: { id: "names" },
    },
    ivs: {
      compute: ivsFactsOf,
      onlyWhere: { field: "eventSource", values: [...ivsEventSources] },
      dependsOn: { access: byName, mutating: byName, plane: byName, known: byName },
    },
  } as const satisfies Record<string, unknown>;
}

/** The derived fields where the site says nothing of its roles. */
export const derivedFields = derivedFieldsFor(noKnownRoles);
