// pages.test.mjs: every main page in French and Arabic, light and dark, desktop and phone: no serious accessibility
// finding, no console error or policy violation, no overflow at 360 px, its weight; with screenshots.
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, desktop, noOverflow, openBrowser, openContext, phone, shoot, signIn, small } from '../lib/browser.mjs';
import { exchange } from '../lib/client.mjs';
import { loadModel } from '../lib/model.mjs';
import { must, start } from '../lib/server.mjs';
import { email } from '../lib/world.mjs';

let s, browser, pages, record, contexts = [];
before(async () => {
    s = await start('demo');
    browser = await openBrowser();
    const rows = JSON.parse(JSON.stringify((await exchange(s.server.url, 'GET', '/api/v1/incidents?limit=20&sort=-gross', { headers: { authorization: `Bearer ${s.world.tokens.analyst}` } })).json.items));
    assert.ok(rows.length, 'the demo has incidents');
    record = rows[0].number;
    const model = await loadModel(s.db);
    pages = [['home', '/'], ['incidents', '/incidents'], ['filters', '/incidents?filters_form=1'], ['record', `/incidents/${record}`], ['edit', `/incidents/${record}/edit`], ['history', `/incidents/${record}/history`], ['print', `/incidents/${record}/print`], ['new', '/incidents/new'],
        ['search', '/search?q=virement'], ['account', '/account'], ['api', '/api'], ['api-type', '/api?type=incidents'], ...model.types.filter((t) => t.pages && t.name !== 'incident').map((t) => [t.plural, `/${t.plural}`]), ...model.pages.filter((p) => p.right !== 'public').map((p) => [p.path.slice(1).replaceAll('/', '-'), p.path]), ...model.measures.map((m) => [`measure-${m.name}`, `/measures/${m.name}`])];
});
after(async () => { for (const c of contexts) await c.close(); await browser?.close(); await s?.end(); });

async function opened(options, name = 'analyst') {
    const context = await openContext(browser, s.server, options);
    contexts.push(context);
    return [context, await signIn(context, name)];
}

// All findings of a round, so that one page does not hide the next.
async function round(page, list, work) {
    const wrong = [];
    for (const [name, target] of list) {
        try {
            const reply = await page.goto(target);
            if (reply.status() === 403 || reply.status() === 404) continue;
            assert.equal(reply.status(), 200, target);
            await work(name, target, reply);
        } catch (e) { wrong.push(`${target}: ${e.message.replace(/\n\s*at .*/gs, '').replace(/\s+/g, ' ').slice(0, 600)}`); }
    }
    assert.deepEqual(wrong, []);
}

test('sign-in and anonymous page', async () => {
    for (const lang of ['fr', 'ar']) for (const theme of ['light', 'dark']) for (const [size, viewport] of [['desktop', desktop], ['phone', small]]) {
        const context = await openContext(browser, s.server, { lang, theme, viewport });
        const page = await context.newPage();
        for (const [name, target] of [['login', '/login'], ['anonymous', '/anonymous']]) {
            await page.goto(target);
            await accessible(page, `${name} ${lang} ${theme} ${size}`);
            await noOverflow(page, `${name} ${lang} ${size}`);
            await shoot(page, `${name}-${lang}-${theme}-${size}`);
        }
        context.clean();
        await context.close();
    }
});

for (const [lang, theme] of [['fr', 'light'], ['ar', 'dark']]) {
    test(`no serious accessibility finding (${lang}, ${theme})`, async () => {
        const [context, page] = await opened({ lang, theme });
        await round(page, pages, async (name) => {
            await accessible(page, name);
            await shoot(page, `${name}-${lang}-${theme}-desktop`);
        });
        context.clean();
    });
    test(`nothing is wider than a phone of 360 px (${lang}, ${theme})`, async () => {
        const [context, page] = await opened({ lang, theme, viewport: small, touch: true });
        await round(page, pages.filter(([n]) => n !== 'print'), async (name) => {
            await noOverflow(page, name);
            await shoot(page, `${name}-${lang}-${theme}-phone`);
        });
        context.clean();
    });
}

test('very wide windows do not break the pages', async () => {
    const [, page] = await opened({ lang: 'fr', viewport: { width: 2560, height: 1300 } });
    await round(page, [['home', '/'], ['incidents', '/incidents'], ['record', `/incidents/${record}`], ['matrix', '/reports/loss-matrix']], async (name) => {
        await noOverflow(page, name);
        await shoot(page, `${name}-wide`);
    });
});

// Without script a form carries its long lists of choices whole; with one they come when the form is touched.
const whole = { new: 90, edit: 88, 'reports-risk-map': 70 };
test('a page is at most 60 KB of HTML, 40 KB compressed; the first load at most 300 KB compressed', async () => {
    const headers = { authorization: `Bearer ${s.world.tokens.analyst}`, 'accept-encoding': 'gzip', accept: 'text/html' };
    const wrong = [];
    for (const [name, target] of pages) for (const [cookie, most] of [['lists=later', 60], ['', whole[name] ?? 60]]) {
        const reply = await exchange(s.server.url, 'GET', target, { headers: { ...headers, ...(cookie ? { cookie } : {}) } });
        if (reply.status === 200 && reply.body.length > most * 1024) wrong.push(`${name} ${cookie}: ${(reply.body.length / 1024).toFixed(1)} KB`);
        if (reply.wire > 40 * 1024) wrong.push(`${name}: ${Math.round(reply.wire / 1024)} KB compressed`);
    }
    assert.deepEqual(wrong, []);
    for (const lang of ['fr', 'ar']) {
        const [context, page] = await opened({ lang });
        await context.clearCookies();
        const session = await (await openContext(browser, s.server, { lang })).newPage();
        const cdp = await session.context().newCDPSession(session);
        await cdp.send('Network.enable');
        let bytes = 0;
        cdp.on('Network.loadingFinished', (e) => { bytes += e.encodedDataLength; });
        await session.goto('/login', { waitUntil: 'networkidle' });
        assert.ok(bytes > 5000 && bytes <= 300 * 1024, `first load in ${lang}: ${Math.round(bytes / 1024)} KB`);
        await session.context().close();
        await page.close();
    }
});

test('every role finds its way: each link of the navigation opens', async () => {
    for (const name of ['plain', 'corr_north', 'head_orm', 'committee']) {
        const [context, page] = await opened({ lang: 'fr' }, name);
        const hrefs = await page.locator('nav.rail a').evaluateAll((list) => [...new Set(list.map((a) => a.getAttribute('href')))]);
        assert.ok(hrefs.length >= 2, name);
        for (const href of hrefs) {
            const reply = await page.goto(href);
            assert.equal(reply.status(), 200, `${name}: ${href}`);
            assert.ok((await page.locator('h1').count()) === 1, `${href}: one heading`);
            assert.ok((await page.title()).length > 5, href);
        }
        context.clean();
    }
});

test('in print the navigation is gone and the page stands on white', async () => {
    const [, page] = await opened({ lang: 'fr', theme: 'dark' });
    await page.goto(`/incidents/${record}/print`);
    await page.emulateMedia({ media: 'print' });
    assert.equal(await page.locator('nav.rail:visible').count(), 0);
    assert.equal(await page.locator('form, button, details').count(), 0, 'paper has nothing to press or unfold');
    assert.match(await page.textContent('.sheet-foot'), /Version \d+, empreinte [0-9a-f]{64}/, 'what ties it to the record');
    const colour = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    assert.match(colour, /rgba?\((255, 255, 255|0, 0, 0, 0)/);
    const pdf = await page.pdf({ format: 'A4' });
    assert.ok(pdf.length > 2000);
    await shoot(page, 'print');
});

test('an address that is none answers in the reader\'s language, with a way back to work', async () => {
    const [context, page] = await opened({ lang: 'ar', theme: 'dark' });
    for (const target of ['/nothing/here/at/all', '/incidents/INC-1999-99999']) {
        assert.equal((await page.goto(target)).status(), 404);
        assert.deepEqual([await page.getAttribute('html', 'lang'), await page.getAttribute('html', 'data-theme')], ['ar', 'dark'], target);
        assert.equal(await page.locator('.empty a.button').getAttribute('href'), '/', target);
    }
    await page.goto('/incidents?as_of=2025-12-31');
    assert.equal(await page.locator('main .notice.tone-info').count(), 1, 'the past is said once');
    context.clean();
});

test('the demo marks itself', async () => {
    const [, page] = await opened({ lang: 'fr' });
    assert.ok(await page.locator('.ribbon').count());
    assert.equal((await must(s.db, ['audit', 'verify', '--json'])).ok, true);
    assert.ok(email('plain'));
    void phone;
});
