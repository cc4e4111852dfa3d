// browser.mjs: a headless Chromium for tests: signed-in pages, watched for console errors, policy violations, failed
// requests and overflow; accessibility by axe-core. SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { root } from './server.mjs';
import { email, password } from './world.mjs';

const require = createRequire(import.meta.url);
const programs = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
export const phone = { width: 390, height: 844 }, desktop = { width: 1280, height: 860 }, small = { width: 360, height: 740 };

export async function openBrowser() {
    const executablePath = programs.find((p) => fs.existsSync(p));
    assert.ok(executablePath, 'Chromium is installed (tools/deps.sh browser)');
    return chromium.launch({ executablePath, headless: true, args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
}

// A context with its own cookies; watch() tells what went wrong on its pages.
export async function openContext(browser, server, { viewport = desktop, lang, theme, script = true, reducedMotion = 'reduce', touch = false } = {}) {
    const context = await browser.newContext({ viewport, baseURL: server.url, javaScriptEnabled: script, locale: { ar: 'ar-MA', en: 'en-GB' }[lang] ?? 'fr-FR', reducedMotion, hasTouch: touch, isMobile: touch, colorScheme: theme === 'dark' ? 'dark' : 'light' });
    const cookies = [];
    if (lang) cookies.push({ name: 'lang', value: lang, url: server.url });
    if (theme) cookies.push({ name: 'theme', value: theme, url: server.url });
    if (cookies.length) await context.addCookies(cookies);
    context.setDefaultTimeout(30000); // opening a campaign of 200 risks takes seconds on a busy machine
    const problems = [];
    context.on('page', (page) => {
        page.on('console', (m) => { if (m.type() === 'error') problems.push(`console of ${page.url()}: ${m.text()}`); });
        page.on('pageerror', (e) => problems.push(`script of ${page.url()}: ${e.message}`));
        page.on('requestfailed', (r) => { if (!/ERR_ABORTED/.test(r.failure()?.errorText ?? '')) problems.push(`request ${r.url()}: ${r.failure()?.errorText}`); });
        page.on('response', (r) => { if (r.status() >= 500 || (r.status() === 404 && r.url().includes('/assets/'))) problems.push(`${r.status()} ${r.url()}`); });
    });
    context.problems = problems;
    // A form refused with 422 or a hidden record is an answer, though Chromium notes it as an error.
    context.clean = () => assert.deepEqual(problems.filter((p) => !/status of (4(03|04|09|22|29))/.test(p)), []);
    return context;
}

export async function signIn(context, name, { pass = password } = {}) {
    const page = await context.newPage();
    await page.goto('/login');
    await page.fill('input[name=email]', name.includes('@') ? name : email(name));
    await page.fill('input[name=password]', pass);
    await Promise.all([page.waitForURL((u) => !u.pathname.startsWith('/login')), page.locator('form[action="/login"] button[data-submit]').first().click()]);
    return page;
}

export async function accessible(page, what) {
    await page.evaluate(fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'));
    const found = await page.evaluate(async () => {
        // eslint-disable-next-line no-undef
        const r = await axe.run(document, { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });
        return r.violations.filter((v) => ['serious', 'critical'].includes(v.impact)).map((v) => `${v.id} (${v.impact}): ${v.nodes.slice(0, 3).map((n) => n.target.join(' ')).join(' | ')}`);
    });
    assert.deepEqual(found, [], what);
}

// Nothing but a scrolling box of its own may be wider than the window.
export async function noOverflow(page, what) {
    const wide = await page.evaluate(() => {
        const width = document.documentElement.clientWidth;
        if (document.documentElement.scrollWidth <= width + 1) return [];
        const scrolls = (e) => { for (let at = e.parentElement; at && at !== document.body; at = at.parentElement) if (['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(at).overflowX)) return true; return false; };
        return [...document.body.querySelectorAll('*')].filter((e) => { const r = e.getBoundingClientRect(); return r.width && !e.closest('nav.rail') && (r.right > width + 1 || r.left < -1) && !scrolls(e); }).slice(0, 5).map((e) => `${e.tagName.toLowerCase()}.${e.className} ${Math.round(e.getBoundingClientRect().right)}`);
    });
    assert.deepEqual(wide, [], `${what} is wider than the window`);
}

export async function shoot(page, name) {
    const dir = path.join(root, 'build/screenshots');
    fs.mkdirSync(dir, { recursive: true });
    await page.screenshot({ path: path.join(dir, `${name}.png`), fullPage: false });
}
