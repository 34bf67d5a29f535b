import type { Sql } from '@totesys/runtime';
import { holdOpen } from '@totesys/sandbox';

/** A change that a poll of `last_updated` loses: how it is made, and where the warehouse shows it. */
export interface LostChange {
  readonly title: string;
  /** What a poll sees in the row's `last_updated`. */
  readonly stamp: string;
  /** Makes the change and commits it. */
  make(): Promise<void>;
  /** Returns what the warehouse shows of it. */
  look(warehouse: Sql): Promise<string>;
}

/**
 * Prepares the five changes. Two of them begin here, before the first run reads, in transactions that stay open during
 * that run; `make` commits them.
 */
export async function prepareLostChanges(source: Sql): Promise<LostChange[]> {
  const [order, late, deleted, colleague] = await Promise.all([
    pick(source`
      select sales_order_id as id, last_updated::text as stamp
        from sales_order order by sales_order_id limit 1 offset 100`),
    pick(source`
      select payment_id as id, last_updated::text as stamp from payment order by payment_id limit 1 offset 200`),
    pick(source`
      select payment_id as id, last_updated::text as stamp from payment order by payment_id limit 1 offset 300`),
    pick(source`
      select staff_id as id, department_id as department, last_updated::text as stamp
        from staff order by staff_id limit 1`),
  ]);
  const lateCommit = await openLateCommit(source, late.id);
  const savepoint = await openSavepoint(source);
  return [
    unstampedEdit(source, order),
    committedLate(lateCommit),
    deletion(source, deleted),
    departmentMove(source, colleague),
    underSavepoint(savepoint),
  ];
}

function unstampedEdit(source: Sql, { id, stamp }: Picked): LostChange {
  return {
    title: `an edit of sales order ${id} that leaves the stamp alone`,
    stamp: `${stamp}, as before`,
    make: async () => {
      await source`update sales_order set units_sold = units_sold + 1 where sales_order_id = ${id}`;
    },
    look: async (warehouse) => {
      const rows = await warehouse`
        select units_sold from fact_sales_order where sales_order_id = ${id} order by sales_record_id`;
      return rows.map(({ units_sold: units }) => `${units} units`).join(' → ');
    },
  };
}

function committedLate({ id, stamp, commit }: OpenChange): LostChange {
  return {
    title: `payment ${id}, changed before the first run and committed after it`,
    stamp: `${stamp}, before the first run`,
    make: commit,
    look: async (warehouse) => {
      const [row] = await warehouse`select paid from current_fact_payment where payment_id = ${id}`;
      return row?.paid ? 'paid' : 'not paid';
    },
  };
}

function deletion(source: Sql, { id }: Picked): LostChange {
  return {
    title: `a delete of payment ${id}`,
    stamp: 'none: the row is deleted',
    make: async () => {
      await source`delete from payment where payment_id = ${id}`;
    },
    look: async (warehouse) => {
      const current = await warehouse`select from current_fact_payment where payment_id = ${id}`;
      const versions = await warehouse`select from fact_payment where payment_id = ${id}`;
      return `${current.length > 0 ? 'current' : 'not current'}, ${versions.length} version kept`;
    },
  };
}

function departmentMove(source: Sql, { id, department, stamp }: Picked): LostChange {
  return {
    title: `a move of department ${department}, whose staff rows stay as they are`,
    stamp: `${stamp} on the staff row, as before`,
    make: async () => {
      await source`update department set location = 'Aberystwyth' where department_id = ${department!}`;
    },
    look: async (warehouse) => {
      const [row] = await warehouse`select location from dim_staff where staff_id = ${id}`;
      return `staff ${id} in ${row?.location}`;
    },
  };
}

function underSavepoint({ id, stamp, commit }: OpenChange): LostChange {
  return {
    title: `sales order ${id}, inserted under a savepoint of an open transaction`,
    stamp: `${stamp}, before the first run`,
    make: commit,
    look: async (warehouse) => {
      const rows = await warehouse`select from current_fact_sales_order where sales_order_id = ${id}`;
      return rows.length > 0 ? 'loaded' : 'missing';
    },
  };
}

interface Picked {
  readonly id: number;
  readonly stamp: string;
  readonly department?: number;
}

interface OpenChange extends Picked {
  commit(): Promise<void>;
}

async function pick(query: PromiseLike<readonly object[]>): Promise<Picked> {
  const [row] = await query;
  if (!row) throw new Error('The simulated source has too few rows for the demo.');
  return row as Picked;
}

async function openLateCommit(source: Sql, id: number): Promise<OpenChange> {
  const { result, commit } = await holdOpen(source, (writer) =>
    pick(writer`
      update payment set paid = not paid, last_updated = now() where payment_id = ${id}
      returning payment_id as id, last_updated::text as stamp`),
  );
  return { ...result, commit };
}

async function openSavepoint(source: Sql): Promise<OpenChange> {
  const { result, commit } = await holdOpen(source, async (writer) => {
    await writer`savepoint inner_step`;
    const inserted = await pick(writer`
      insert into sales_order
        (created_at, last_updated, design_id, staff_id, counterparty_id, units_sold, unit_price, currency_id,
         agreed_delivery_date, agreed_payment_date, agreed_delivery_location_id)
      select now(), now(), design_id, staff_id, counterparty_id, units_sold, unit_price, currency_id,
             agreed_delivery_date, agreed_payment_date, agreed_delivery_location_id
        from sales_order order by sales_order_id limit 1
      returning sales_order_id as id, last_updated::text as stamp`);
    await writer`release savepoint inner_step`;
    return inserted;
  });
  return { ...result, commit };
}
