import { useEffect, useState } from 'preact/hooks';
import type { ReportData } from '../report-data.ts';

/** How often a live page asks its server: milliseconds. */
const INTERVAL_MS = 5_000;

/** The data that the page shows, and why it is old, if it is. */
export interface LiveData {
  readonly data: ReportData;
  readonly fault: string | undefined;
}

/** Returns the data of the page; a live page asks its server again and again. */
export function useData(first: ReportData, isLive: boolean): LiveData {
  const [state, setState] = useState<LiveData>({ data: first, fault: undefined });
  useEffect(() => {
    if (!isLive) return;
    let timer: number;
    const ask = async () => {
      try {
        const data = await fetchJson<ReportData>('data.json');
        setState({ data, fault: undefined });
      } catch (error) {
        setState(({ data }) => ({ data, fault: `Not up to date: ${(error as Error).message}` }));
      }
      timer = setTimeout(ask, INTERVAL_MS) as unknown as number;
    };
    timer = setTimeout(ask, INTERVAL_MS) as unknown as number;
    return () => clearTimeout(timer);
  }, [isLive]);
  return state;
}

/** Fetches JSON from the page's own server; throws with the server's message if it refuses. */
export async function fetchJson<T>(path: string): Promise<T> {
  const response = await fetch(path).catch(() => {
    throw new Error('The command that serves this page does not answer. Start it again, then reload the page.');
  });
  const body = (await response.json()) as T & { readonly error?: { readonly message: string } };
  if (!response.ok) throw new Error(body.error?.message ?? `The server answers ${response.status}.`);
  return body;
}
