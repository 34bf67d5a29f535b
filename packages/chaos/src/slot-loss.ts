import type { Sql } from '@totesys/runtime';
import type { Plan } from './effects.ts';
import { Random } from './random.ts';
import type { SourceChoice } from './source-choice.ts';
import { consumeSlot, dropSlot } from './source-slot.ts';

/** What happens to the slot between the fault and the next run. */
export type SlotLoss = 'kept' | 'consumed' | 'dropped';

/** Of five trials, two lose the slot. */
const LOSSES: readonly SlotLoss[] = ['kept', 'kept', 'kept', 'consumed', 'dropped'];

/** Returns what happens to the slot after a fault; the same seed and point return the same. */
export function slotLossOf({ seed, mode, isQuiet }: SourceChoice, { point, fault }: Plan): SlotLoss {
  // After a quiet trial the next one continues with the slot. A hint that lacks changes must be followed.
  if (mode === 'off' || isQuiet || fault === 'unseen') return 'kept';
  return new Random(`${seed} ${point} ${fault} slot`).oneOf(LOSSES);
}

/** Loses the slot's changes that no batch has, or the slot itself. */
export async function loseSlot(author: Sql, loss: SlotLoss): Promise<void> {
  if (loss === 'consumed') await consumeSlot(author);
  if (loss === 'dropped') await dropSlot(author);
}
