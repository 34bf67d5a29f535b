import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ErrorCode } from '@totesys/runtime';
import { FolderStore, findPartOrigin, openStore, placesOverlap } from '../../src/index.ts';

test.each([
  ['s3://bucket', 's3://bucket'],
  ['s3://bucket/', 's3://bucket'],
  ['s3://bucket/deep//prefix/', 's3://bucket/deep/prefix'],
])('opens %s as a bucket', (uri, opened) => {
  expect(openStore(uri)).not.toBeInstanceOf(FolderStore);
  expect(openStore(uri).uri).toBe(opened);
});

test.each([
  ['file:///data/my%20lake', 'file:///data/my%20lake'],
  ['/data/lake/', 'file:///data/lake'],
  ['./s3:', pathToFileURL(resolve('./s3:')).href],
  ['lake', pathToFileURL(resolve('lake')).href],
])('opens %s as a folder', (uri, opened) => {
  expect(openStore(uri)).toBeInstanceOf(FolderStore);
  expect(openStore(uri).uri).toBe(opened);
});

test.each([
  '',
  '  ',
  's3://',
  's3:///prefix',
  'gs://bucket',
  'https://bucket',
  'file://host/share',
  's3:',
  's3:/bucket',
  's3:bucket',
  'S3://bucket',
  'file:/x',
  'file:x',
  'az:/container',
  '"s3://bucket"',
  "'file:///data'",
  '=s3://bucket',
  '://bucket',
  '/s3://bucket',
  'file:///data/lake#1',
  'file:///data/lake?1',
])('refuses %j, and says what it takes', (uri) => {
  expect(() => openStore(uri)).toThrow(
    expect.objectContaining({ code: ErrorCode.CONFIG_INVALID, message: expect.stringContaining('s3://bucket') }),
  );
});

test.each([
  ['s3://one/x', 's3://one/x/', true],
  ['s3://one', 's3://one/x', true],
  ['s3://one/x', 's3://one/xy', false],
  ['s3://one', 's3://other', false],
  ['/data', 'file:///data', true],
  ['/data/lake/processed', '/data/lake/', true],
  ['/data/lake', '/data/lake2', false],
  ['/', '/data', true],
  ['/s3/one', 's3://one', false],
])('%s and %s overlap: %s', (one, other, overlap) => {
  expect(placesOverlap(one, other)).toBe(overlap);
  expect(placesOverlap(other, one)).toBe(overlap);
});

test('a part of a lake that lies below another lake is none of its parts', () => {
  const part = 'dim_date/batch_date=2026-11-22/batch=0000000042/0123456789abcdef0123456789abcdef.parquet';
  for (const key of [part, `_quarantine/${part}`, `_state/known-keys/${part}`]) {
    expect(findPartOrigin(key)).toEqual({ batch: 42, day: '2026-11-22' });
  }
  for (const below of ['processed', 'lakes/processed', '_lakes/processed']) {
    expect(findPartOrigin(`${below}/_quarantine/${part}`)).toBeUndefined();
  }
  expect(findPartOrigin(`processed/${part}`)).toBeUndefined();
});
