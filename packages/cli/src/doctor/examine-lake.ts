import { randomUUID } from 'node:crypto';
import { link, mkdtemp, rm, rmdir, stat, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkLakeFormat, findNewestBatch, proveCreateOnly, type Store } from '@totesys/lake';
import { type Check, failed, failedBy, passed, warned } from './check.ts';

type Lake = 'ingestion' | 'processed';

/** The space of a disk below which a run may fail, and below which the operator should act: bytes. */
const LEAST_BYTES = 100 * 1024 * 1024;
const FEW_BYTES = 1024 * 1024 * 1024;

/** Examines a lake: that it can be listed, read and written to, its format, and the space of a folder's disk. */
export async function examineLake(lake: Lake, store: Store): Promise<readonly Check[]> {
  const checks: Check[] = [];
  try {
    const newest = await findNewestBatch(store);
    await checkLakeFormat(store);
    checks.push(
      passed(lake, 'lake', newest === 0 ? `${store.uri} is empty` : `${store.uri} ends with batch ${newest}`),
    );
  } catch (error) {
    return [failedBy(lake, 'lake', error)];
  }
  if (store.uri.startsWith('file:')) return [...checks, ...(await examineFolder(lake, fileURLToPath(store.uri)))];
  return [...checks, await checkPut(lake, store)];
}

// The check of the stages' first write: it puts an object that no stage reads.
async function checkPut(lake: Lake, store: Store): Promise<Check> {
  try {
    await proveCreateOnly(store);
    return passed(lake, 'write', 'it may write, and the store refuses to replace an object');
  } catch (error) {
    return failedBy(lake, 'write', error);
  }
}

async function examineFolder(lake: Lake, folder: string): Promise<readonly Check[]> {
  const present = await findPresent(folder);
  return [await checkFolder(lake, folder, present), await checkDisk(lake, present)];
}

async function findPresent(folder: string): Promise<string> {
  const isPresent = (await stat(folder).catch(() => undefined)) !== undefined;
  return isPresent || folder === dirname(folder) ? folder : await findPresent(dirname(folder));
}

// An object appears by a hard link, so the check creates one of a hidden file, which no listing shows. It removes both.
async function checkFolder(lake: Lake, folder: string, present: string): Promise<Check> {
  const subject = 'write';
  const name = join(present, `.totesys-doctor-${randomUUID()}`);
  try {
    if (present !== folder) {
      await rmdir(await mkdtemp(`${name}-`));
      return passed(lake, subject, 'the first run creates the folder');
    }
    await writeFile(name, '', { flag: 'wx' });
    await link(name, `${name}-link`);
    return passed(lake, subject, 'files and hard links can be created');
  } catch (error) {
    const { code = String(error) } = error as { code?: string };
    const remedy = 'Correct the rights of the folder, or name one on a local disk with hard links, or an S3 bucket.';
    return failed(lake, subject, `'${present}' cannot be written to (${code})`, remedy);
  } finally {
    for (const file of [name, `${name}-link`]) await rm(file, { force: true }).catch(() => undefined);
  }
}

async function checkDisk(lake: Lake, present: string): Promise<Check> {
  const { blocks, bavail, bsize } = await statfs(present);
  if (blocks === 0) return passed(lake, 'disk', 'the file system does not report its size');
  const bytes = bavail * bsize;
  const found = `${Math.floor(bytes / 1024 / 1024).toLocaleString('en')} MB free`;
  const remedy = 'Free space on this disk, or move the lake.';
  if (bytes < LEAST_BYTES) return failed(lake, 'disk', found, remedy);
  return bytes < FEW_BYTES ? warned(lake, 'disk', found, remedy) : passed(lake, 'disk', found);
}
