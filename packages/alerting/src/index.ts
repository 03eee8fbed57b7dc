export {
  type Alert,
  type AlertDelivery,
  type AlertIncident,
  type AlertKind,
  type AlertPolicy,
  type AlertPublisher,
  type AlertRecord,
  type Severity,
  severities,
} from "./alert.ts";
