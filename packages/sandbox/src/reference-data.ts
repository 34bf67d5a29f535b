import { base, en, Faker } from '@faker-js/faker';
import type { Sql } from '@totesys/runtime';

const BORN = '2022-11-03 14:20:49.962';
const DEPARTMENTS = ['Sales', 'Purchasing', 'Production', 'Dispatch', 'Finance', 'Facilities', 'Communications', 'HR'];
const CITIES = ['Manchester', 'Leeds', 'Aberdeen'];
const CURRENCIES = ['GBP', 'USD', 'EUR'];
const PAYMENT_TYPES = ['SALES_RECEIPT', 'SALES_REFUND', 'PURCHASE_PAYMENT', 'PURCHASE_REFUND'];
/** The numbers of rows of the tables that orders refer to. */
export const REFERENCE_ROWS = { addresses: 30, counterparties: 20, staff: 20, designs: 424 } as const;

/**
 * Fills the tables that orders refer to, with the irregularities of real data: quotes in names, leading zeros, nulls.
 * The same seed makes the same rows.
 */
export async function populateReferenceData(sql: Sql, seed: number): Promise<void> {
  // Each source has its own faker: with a shared one, two sources that are filled at the same time would take values
  // from each other.
  const faker = new Faker({ locale: [en, base], seed });
  const stamped = (row: Record<string, unknown>) => ({ ...row, created_at: BORN, last_updated: BORN });
  const rows = (count: number, make: (index: number, faker: Faker) => Record<string, unknown>) =>
    Array.from({ length: count }, (_, index) => stamped(make(index, faker)));
  await insert(sql, 'address', rows(REFERENCE_ROWS.addresses, address));
  await insert(sql, 'counterparty', rows(REFERENCE_ROWS.counterparties, counterparty));
  await insert(
    sql,
    'currency',
    rows(CURRENCIES.length, (i) => ({ currency_code: CURRENCIES[i] })),
  );
  await insert(sql, 'department', rows(DEPARTMENTS.length, department));
  await insert(sql, 'design', rows(REFERENCE_ROWS.designs, design));
  await insert(sql, 'staff', rows(REFERENCE_ROWS.staff, staff));
  await insert(
    sql,
    'payment_type',
    rows(PAYMENT_TYPES.length, (i) => ({ payment_type_name: PAYMENT_TYPES[i] })),
  );
}

function address(index: number, faker: Faker) {
  return {
    address_line_1: faker.location.streetAddress(),
    address_line_2: index % 3 === 0 ? faker.location.secondaryAddress() : null,
    district: index % 2 === 0 ? faker.location.county() : null,
    city: faker.location.city(),
    postal_code: index % 5 === 0 ? `0${faker.string.numeric(4)}` : faker.location.zipCode(),
    country: faker.location.country(),
    phone: faker.string.numeric('#### ######'.length - 1).replace(/^(....)/, '$1 '),
  };
}

function counterparty(index: number, faker: Faker) {
  return {
    counterparty_legal_name: index === 0 ? "O'Keefe, O'Keefe and O'Hara" : faker.company.name(),
    legal_address_id: faker.number.int({ min: 1, max: REFERENCE_ROWS.addresses }),
    commercial_contact: faker.person.fullName(),
    delivery_contact: index % 4 === 0 ? null : faker.person.fullName(),
  };
}

function department(index: number, faker: Faker) {
  return {
    department_name: DEPARTMENTS[index],
    // The last department has no location yet.
    location: index === DEPARTMENTS.length - 1 ? null : CITIES[index % CITIES.length],
    manager: faker.person.fullName(),
  };
}

function design(_index: number, faker: Faker) {
  const name = faker.commerce.productMaterial();
  const day = faker.date
    .between({ from: '2020-01-01', to: '2022-11-01' })
    .toISOString()
    .slice(0, 10)
    .replaceAll('-', '');
  return {
    design_name: name,
    file_location: faker.system.directoryPath(),
    file_name: `${name.toLowerCase()}-${day}-${faker.string.alpha({ length: 4, casing: 'lower' })}.json`,
  };
}

function staff(index: number, faker: Faker) {
  const first = faker.person.firstName();
  const last = index === 0 ? "O'Keefe" : faker.person.lastName();
  return {
    first_name: first,
    last_name: last,
    department_id: faker.number.int({ min: 1, max: DEPARTMENTS.length }),
    email_address: `${first}.${last}@terrifictotes.example`.toLowerCase().replaceAll("'", ''),
  };
}

// The keys come from the serials, so that later rows continue after these.
async function insert(sql: Sql, table: string, rows: readonly Record<string, unknown>[]): Promise<void> {
  await sql`insert into ${sql(table)} ${sql(rows as Record<string, string>[])}`;
}
