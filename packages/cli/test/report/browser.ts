import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { findChromium } from '@totesys/sandbox';
import { type Browser, chromium, type Page } from 'playwright-core';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What the report's tests need of a browser. */
export interface OpenPage {
  readonly page: Page;
  /** Errors of the console and of scripts, and requests that left the page. */
  readonly faults: string[];
}

/** Starts a Chromium without a window; with `CI=true` a missing one is an error, otherwise undefined. */
export async function startBrowser(): Promise<Browser | undefined> {
  const executablePath = findChromium(process.env);
  if (executablePath === undefined) {
    if (process.env.CI === 'true') throw new Error('No Chromium is installed. Debian: apt-get install chromium');
    return undefined;
  }
  // A container's root has no sandbox of its own, and its /dev/shm is small.
  return await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

/** Opens an address and collects everything that goes wrong on the page. */
export async function openPage(
  browser: Browser,
  url: string,
  scheme: 'light' | 'dark' = 'light',
  width = 1_280,
): Promise<OpenPage> {
  const context = await browser.newContext({ colorScheme: scheme, viewport: { width, height: 900 } });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('request', (request) => {
    if (!request.url().startsWith(url.replace(/[^/]*$/, '')) && !request.url().startsWith('data:'))
      faults.push(`request to ${request.url()}`);
  });
  await page.goto(url);
  return { page, faults };
}

/** Returns the faults that axe finds on the page: names, roles, contrast, keyboard. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  // The page's policy allows no other script, so it is evaluated by the browser itself.
  await page.evaluate(axe);
  const violations = await page.evaluate(async () => {
    const { axe: checker } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }> };
    };
    return (await checker.run()).violations;
  });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  );
}
