import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ErrorCode } from '@totesys/runtime';
import { FolderStore, openStore } from '../src/index.ts';

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
])('refuses %j, and says what it takes', (uri) => {
  expect(() => openStore(uri)).toThrow(
    expect.objectContaining({ code: ErrorCode.CONFIG_INVALID, message: expect.stringContaining('s3://bucket') }),
  );
});
