// import.test.mjs: where people leave Excel: ten years of a bank's own loss sheet, as untidy as it is kept, mapped in the
// browser, corrected, released, and found again in the loss matrix. SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from '../lib/client.mjs';
import { accessible, desktop, noOverflow, openBrowser, openContext, shoot, signIn } from '../lib/browser.mjs';
import { readCsv } from '../lib/csv.mjs';
import { press, until } from '../lib/import.mjs';
import { messyLosses } from '../lib/losses.mjs';
import { start } from '../lib/server.mjs';

let s, browser;
before(async () => {
    s = await start('bank');
    browser = await openBrowser();
});
after(async () => { await browser?.close(); await s?.end(); });

test('ten years of losses out of Excel: sent, values said once, released, in the loss matrix', async () => {
    const { bytes, expected } = messyLosses();
    const context = await openContext(browser, s.server, { viewport: desktop, lang: 'fr' });
    const page = await signIn(context, 'analyst');
    let clicks = 0;
    const click = async (where) => { clicks++; await page.locator(where).first().click(); };
    const settled = (words) => page.waitForFunction((w) => document.querySelector('main').innerText.includes(w), words, { timeout: 15000 }).catch(async () => assert.fail(`no ${words} at ${page.url()}: ${(await page.locator('main').innerText()).slice(0, 1500)}`));
    await page.goto('/import');
    await page.selectOption('form#send select[name=type], select[name=type]', 'incident').catch(() => page.locator('input[name=type][value=incident]').first().check());
    await page.setInputFiles('input[type=file]', { name: 'base pertes.xlsx', mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', buffer: bytes });
    await page.locator('input[type=checkbox][name=takeover]').first().check();
    await click('form[action="/import"] button[data-submit]');
    await page.waitForURL(/\/import\?run=\d+/);
    const run = /run=(\d+)/.exec(page.url())[1];
    await settled('Totaux de contrôle');
    await accessible(page, 'a checked import');
    await noOverflow(page, 'a checked import');
    await shoot(page, 'import-checked');
    await click('a:has-text("Colonnes et valeurs")');
    await page.waitForURL(/\/import\/columns/);
    await accessible(page, 'columns and values');
    await noOverflow(page, 'columns and values');
    await shoot(page, 'import-columns');
    const asked = await page.locator('main').innerText();
    assert.match(asked, /« Agence TN1 » dans la colonne Agence/);
    await page.evaluate(() => { // the closed branch: the only value for which nothing is proposed
        for (const e of document.querySelectorAll('select[name^=v]')) if (/^v\d+$/.test(e.name) && !e.value) { e.value = 'TS1'; e.dispatchEvent(new Event('change', { bubbles: true })); }
    });
    await click('form[action="/import/columns"] button[data-submit]');
    await page.waitForURL(/\/import\?run=/);
    await settled('À créer');
    const words = await page.locator('main').innerText();
    assert.match(words, new RegExp(`À créer\\s+${expected.good}`), words.slice(0, 900));
    await click('button:has-text("Demander")');
    await settled('Une seconde personne');
    assert.ok(clicks <= 5, `${clicks} clicks`);
    const second = new Client(s.server, { token: s.world.tokens.analyst2, lang: 'fr' });
    await press(second, 'release', run);
    await until(second, run, 'done');
    await page.goto('/reports/loss-matrix?from=2015-01-01&to=2024-12-31&basis=discovery');
    assert.ok(await page.locator('table.matrix tbody td a').count() > 2, 'cells that open their incidents');
    const cells = readCsv(await (await page.request.get('/reports/loss-matrix.csv?from=2015-01-01&to=2024-12-31&basis=discovery')).text());
    assert.equal(cells.reduce((n, r) => n + Math.round(Number(r['gross.amount']) * 100), 0), expected.gross, 'the sum of the sheet');
    await shoot(page, 'import-matrix');
    context.clean();
    await context.close();
});
