import { type HintCheck, HintRefusal } from '@totesys/source';

/** Throws a refusal if a check has found a fault. */
export function demand(check: HintCheck, reason: HintRefusal['reason']): void {
  if (check.fault !== undefined) throw refusal(check, reason);
}

/** Returns the refusal for a fault, with its remedy. */
export function refusal({ subject, fault, remedy }: HintCheck, reason: HintRefusal['reason']): HintRefusal {
  return new HintRefusal(reason, `${subject}: ${fault}`, remedy === undefined ? {} : { remedy });
}
