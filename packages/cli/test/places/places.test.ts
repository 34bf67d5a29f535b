import { resolve } from 'node:path';
import { findPlaces, requirePlaces } from '../../src/places/places.ts';

const URL_A = 'postgres://reader:secret@localhost:5432/totesys';
const URL_B = 'postgres://owner:secret@localhost:5432/warehouse';

describe('places', () => {
  test('an option comes before --lake, and both come before the environment', () => {
    const environment = {
      SOURCE_URL: URL_A,
      INGESTION_URI: 's3://env-in',
      PROCESSED_URI: 's3://env-out',
      LAKE: '/else',
    };
    expect(findPlaces({ warehouse: URL_B, lake: '/lake/', processed: 's3://out' }, environment)).toEqual({
      source: URL_A,
      warehouse: URL_B,
      ingestion: resolve('/lake/ingestion'),
      processed: 's3://out',
      iceberg: resolve('/lake/iceberg'),
    });
    expect(findPlaces({}, environment)).toEqual({
      source: URL_A,
      ingestion: 's3://env-in',
      processed: 's3://env-out',
      iceberg: resolve('/else/iceberg'),
    });
    expect(findPlaces({}, { LAKE: 's3://bucket/prefix' })).toEqual({
      ingestion: 's3://bucket/prefix/ingestion',
      processed: 's3://bucket/prefix/processed',
      iceberg: 's3://bucket/prefix/iceberg',
    });
    expect(findPlaces({ iceberg: 's3://tables' }, { ICEBERG_URI: '/x' })).toEqual({ iceberg: 's3://tables' });
    expect(findPlaces({}, { ICEBERG_URI: 's3://tables' })).toEqual({ iceberg: 's3://tables' });
  });

  test('an empty variable counts as unset', () => {
    expect(findPlaces({}, { SOURCE_URL: '', LAKE: '' })).toEqual({});
  });

  test.each(['nonsense', 'mysql://u:secret@h/d', 'postgres://u:secret@h:port/d', 'postgres://:secret@h/d'])(
    'the error for an unusable URL does not repeat it: %s',
    (source) => {
      const refused = () => findPlaces({ source }, {});
      expect(refused).toThrow(/source/);
      expect(refused).not.toThrow(/secret/);
    },
  );

  test('a URI of another object store is refused', () => {
    expect(() => findPlaces({ ingestion: 'gs://bucket' }, {})).toThrow('expected s3://bucket or a folder');
  });

  test.each([
    's3://',
    's3:///prefix',
    's3:',
    's3:/bucket',
    's3:bucket',
    'S3://b',
    '"s3://b"',
    '://b',
    'file:/x',
    'file:x',
    'file://host/x',
    'az:c',
  ])('an unsupported URI scheme is refused instead of becoming a folder: %s', (text) => {
    for (const name of ['lake', 'ingestion', 'processed']) {
      expect(() => findPlaces({ [name]: text }, {})).toThrow(`--${name} is not a lake`);
    }
    for (const variable of ['LAKE', 'INGESTION_URI']) {
      expect(() => findPlaces({}, { [variable]: text })).toThrow('is not a lake');
    }
  });

  test('a folder name with a colon needs ./ before it', () => {
    expect(findPlaces({ ingestion: './s3:' }, {})).toEqual({ ingestion: resolve('./s3:') });
    expect(findPlaces({ lake: 'file:///data/lake' }, {})).toMatchObject({ ingestion: 'file:///data/lake/ingestion' });
  });

  test('one place for both lakes, or one lake inside the other, is refused', () => {
    expect(() => findPlaces({ ingestion: 's3://one/x', processed: 's3://one/x/' }, {})).toThrow(
      'got s3://one/x and s3://one/x/',
    );
    expect(() => findPlaces({ ingestion: '/lake', processed: 'file:///lake' }, {})).toThrow(/The lakes overlap/);
    expect(() => findPlaces({ ingestion: '/lake', processed: '/lake/processed' }, {})).toThrow(/The lakes overlap/);
    expect(() => findPlaces({ ingestion: '/lake/processed', lake: '/lake' }, {})).toThrow(/The lakes overlap/);
    expect(() => findPlaces({ iceberg: '/lake/processed/x', lake: '/lake' }, {})).toThrow(/Iceberg tables overlap/);
  });

  test('one error lists all missing places', () => {
    expect(() => requirePlaces({}, ['source', 'ingestion'])).toThrow(/--source.*SOURCE_URL.*--ingestion.*--lake/s);
  });
});
