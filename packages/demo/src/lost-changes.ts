import type { Sql } from '@totesys/runtime';
import { holdOpen } from '@totesys/sandbox';

/** A change that a poll of `last_updated` loses: how it is made, and where the warehouse shows it. */
export interface LostChange {
  readonly title: string;
  /** What the row's `last_updated` tells a poller. */
  readonly stamp: string;
  /** Makes the change, so that it is committed when this ends. */
  make(): Promise<void>;
  /** What the warehouse shows of it. */
  look(warehouse: Sql): Promise<string>;
}

/**
 * Prepares the five changes. Two of them begin here, before the first run reads, in transactions that stay open while it does; `make`
 * commits them.
 */
export async function prepareLostChanges(source: Sql): Promise<LostChange[]> {
  const [order, late, gone, colleague] = await Promise.all([
    pick(
      source`select sales_order_id as id, last_updated::text as stamp from sales_order order by sales_order_id limit 1 offset 100`,
    ),
    pick(
      source`select payment_id as id, last_updated::text as stamp from payment order by payment_id limit 1 offset 200`,
    ),
    pick(
      source`select payment_id as id, last_updated::text as stamp from payment order by payment_id limit 1 offset 300`,
    ),
    pick(
      source`select staff_id as id, department_id as department, last_updated::text as stamp from staff order by staff_id limit 1`,
    ),
  ]);
  const lateStamp = await openLateCommit(source, late.id);
  const nested = await openSavepoint(source);
  return [
    {
      title: `an edit of sales order ${order.id} that leaves the stamp alone`,
      stamp: `${order.stamp}, as before`,
      make: async () => {
        await source`update sales_order set units_sold = units_sold + 1 where sales_order_id = ${order.id}`;
      },
      look: async (warehouse) => {
        const rows = await warehouse`
          select units_sold from fact_sales_order where sales_order_id = ${order.id} order by sales_record_id`;
        return rows.map(({ units_sold: units }) => `${units} units`).join(' → ');
      },
    },
    {
      title: `payment ${late.id}, changed before the first run and committed after it`,
      stamp: `${lateStamp.stamp}, before the first run`,
      make: lateStamp.commit,
      look: async (warehouse) => {
        const [row] = await warehouse`select paid from current_fact_payment where payment_id = ${late.id}`;
        return row?.paid ? 'paid' : 'not paid';
      },
    },
    {
      title: `a delete of payment ${gone.id}`,
      stamp: 'no row is left to say anything',
      make: async () => {
        await source`delete from payment where payment_id = ${gone.id}`;
      },
      look: async (warehouse) => {
        const current = await warehouse`select from current_fact_payment where payment_id = ${gone.id}`;
        const versions = await warehouse`select from fact_payment where payment_id = ${gone.id}`;
        return `${current.length > 0 ? 'current' : 'not current'}, ${versions.length} version kept`;
      },
    },
    {
      title: `a move of department ${colleague.department}, whose staff rows stay as they are`,
      stamp: `${colleague.stamp} on the staff row, as before`,
      make: async () => {
        await source`update department set location = 'Aberystwyth' where department_id = ${colleague.department!}`;
      },
      look: async (warehouse) => {
        const [row] = await warehouse`select location from dim_staff where staff_id = ${colleague.id}`;
        return `staff ${colleague.id} in ${row?.location}`;
      },
    },
    {
      title: `sales order ${nested.id}, inserted under a savepoint of an open transaction`,
      stamp: `${nested.stamp}, before the first run`,
      make: nested.commit,
      look: async (warehouse) => {
        const rows = await warehouse`select from current_fact_sales_order where sales_order_id = ${nested.id}`;
        return rows.length > 0 ? 'there' : 'not there';
      },
    },
  ];
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
      update payment set paid = not paid, last_updated = now() where payment_id = ${id} returning payment_id as id, last_updated::text as stamp`),
  );
  return { ...result, commit };
}

async function openSavepoint(source: Sql): Promise<OpenChange> {
  const { result, commit } = await holdOpen(source, async (writer) => {
    await writer`savepoint inner_step`;
    const inserted = await pick(writer`
      insert into sales_order
        (created_at, last_updated, design_id, staff_id, counterparty_id, units_sold, unit_price, currency_id, agreed_delivery_date,
         agreed_payment_date, agreed_delivery_location_id)
      select now(), now(), design_id, staff_id, counterparty_id, units_sold, unit_price, currency_id, agreed_delivery_date,
             agreed_payment_date, agreed_delivery_location_id
        from sales_order order by sales_order_id limit 1
      returning sales_order_id as id, last_updated::text as stamp`);
    await writer`release savepoint inner_step`;
    return inserted;
  });
  return { ...result, commit };
}
