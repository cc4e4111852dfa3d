// journey.test.mjs: an indicator in the browser: the value that is asked, a red one that needs a comment, the breach from
// its notice to an action, and the pages of the figures on a desktop and a phone, in French and Arabic.
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { after, before, test as every } from 'node:test';
import { accessible, noOverflow, openBrowser, openContext, small, shoot, signIn } from '../../../../tests/lib/browser.mjs';
import { ok } from '../../../../tests/lib/client.mjs';
import { engine, must, start } from '../../../../tests/lib/server.mjs';
import { email, everybody } from '../../../../tests/lib/world.mjs';

let s, as, browser, number;
// What the database answers is tested by indicator.test.mjs and indicator_life.test.mjs on both.
const test = engine === 'sqlite' ? every : (name) => every(name, { skip: 'the pages are those of the other database' }, () => {});
before(async () => {
    if (engine !== 'sqlite') return;
    s = await start('bank');
    as = everybody(s.server, s.world, { check: false });
    number = ok(await as.analyst.create('indicators', { definition: 'K16', unit: 'TN1', provider: email('plain'), active_from: '2024-01-01' }), 201).number;
    await must(s.db, ['indicator', 'run']);
    browser = await openBrowser();
});
after(async () => { await browser?.close(); await s?.end(); });

const month = (n) => { const d = new Date(); d.setUTCDate(1); d.setUTCMonth(d.getUTCMonth() - n); return d.toISOString().slice(0, 7); };
const send = (page) => page.locator('main form.form button[data-submit]').first().click();

test('the provider finds what is asked in My work, is told what a red value needs, and answers it by the value', async () => {
    const context = await openContext(browser, s.server, { lang: 'fr' });
    const page = await signIn(context, 'plain');
    await page.goto('/');
    await page.locator('main a[href^="/assignments/"]').first().click();
    await page.locator(`a[href="/indicator-entry?indicator=${number}"]`).first().click();
    await page.waitForURL(/indicator-entry/);
    await page.fill('input[name="values[0].value"]', '200');
    await send(page);
    await page.locator('[name="values[0].comment"]').waitFor();
    assert.match(await page.textContent('main'), /rouge/i);
    assert.equal(await page.inputValue('input[name="values[0].value"]'), '200', 'what was typed is still there');
    await page.fill('[name="values[0].comment"]', 'Restauration reportée');
    await send(page);
    await page.waitForURL(new RegExp(`/indicators/${number}`));
    assert.match(await page.textContent('main'), /Rouge/);
    assert.equal((await as.plain.all('assignments')).find((a) => a.source_number === number && a.state !== 'open')?.state, 'done');
    await shoot(page, 'indicator-file');
    context.clean();
    await context.close();
});

test('the breach: acknowledged and analysed by the unit, an action decided on its page', async () => {
    const breach = (await as.analyst.all('breaches')).find((b) => b.state === 'open').number;
    const unit = await openContext(browser, s.server, { lang: 'fr' });
    const head = await signIn(unit, 'head_north');
    await head.goto(`/breaches/${breach}`);
    await head.locator('form[action$="/do/acknowledge"] button, a[href$="/do/acknowledge"]').first().click();
    await head.goto(`/breaches/${breach}/do/analyse`);
    await head.fill('textarea[name=analysis]', 'Le support de sauvegarde manquait.');
    await send(head);
    await head.waitForURL(new RegExp(`/breaches/${breach}`));
    unit.clean();
    await unit.close();
    const context = await openContext(browser, s.server, { lang: 'fr' });
    const page = await signIn(context, 'analyst');
    await page.goto(`/breaches/${breach}`);
    await page.locator(`a[href="/plan-action?breach=${breach}"]`).click();
    await page.waitForURL(/plan-action/);
    assert.match(await page.inputValue('textarea[name=issue_description]'), /support de sauvegarde/);
    await accessible(page, 'decide an action');
    context.clean();
    await context.close();
});

test('a threshold that judges by the course of the values: set in the form, approved by a second person, two better values end its red', async () => {
    const own = ok(await as.analyst.create('indicators', { definition: 'K19', unit: 'TN1', provider: email('plain2'), active_from: '2020-01-01' }), 201).number;
    const values = [10, 12, 10, 12, 10, 12, 10, 12, 14, 11].map((value, i) => ({ indicator: own, period: month(10 - i), value: String(value) }));
    assert.ok([200, 303].includes((await as.analyst.request('POST', '/indicator-push', { json: { values }, headers: { 'idempotency-key': 'course', accept: 'application/json' } })).status));
    const maker = await openContext(browser, s.server, { lang: 'fr' });
    const page = await signIn(maker, 'analyst');
    await page.goto(`/indicator_thresholds/new?definition=K19&indicator=${own}`);
    await page.fill('[name=valid_from]', '2020-01-01');
    await page.selectOption('select[name=basis]', 'z_score');
    for (const [name, value] of [['look_back', '8'], ['amber', '1'], ['red', '2'], ['hysteresis', '2']]) await page.fill(`[name=${name}]`, value);
    await page.fill('[name=rationale]', 'Deux écarts-types des huit derniers mois.');
    await send(page);
    await page.waitForURL(/indicator_thresholds\/KT-/);
    const threshold = page.url().split('/').at(-1);
    await page.locator('form[action$="/do/propose"] button, a[href$="/do/propose"]').first().click();
    await page.getByText('Proposé').first().waitFor();
    maker.clean();
    await maker.close();
    const checker = await openContext(browser, s.server, { lang: 'ar', theme: 'dark' });
    const head = await signIn(checker, 'head_orm');
    await head.goto(`/indicator_thresholds/${threshold}`);
    await head.locator('form[action$="/do/approve"] button, a[href$="/do/approve"]').first().click();
    await head.getByText('مصادق عليه').first().waitFor();
    // 14 lies 2.8 deviations above the mean of the eight before it; 11 after it is better, but one alone ends nothing.
    await head.goto(`/indicators/${own}`);
    assert.match(await head.locator('#values tbody tr').nth(0).textContent(), /أحمر/, 'the newest is still red');
    assert.match(await head.locator('#values tbody tr').nth(1).textContent(), /أحمر/);
    checker.clean();
    await checker.close();
});

// The step's button, or the form behind its link.
const step = (page, name) => page.locator(`form[action$="/do/${name}"] button, a[href$="/do/${name}"]`).first().click();
const on = (options) => openContext(browser, s.server, { lang: 'fr', viewport: small, touch: true, ...options });

test('on a phone: several values entered at once, a red one acknowledged and analysed, ended by an action and a green value', async () => {
    const used = {};
    for (const definition of ['K16', 'K19', 'K10'])
        used[definition] = ok(await as.analyst.create('indicators', { definition, unit: 'TN2', provider: email('corr_north'), active_from: '2024-01-01' }), 201).number;
    const mine = await on();
    const entry = await signIn(mine, 'corr_north');
    const put = async (definition, values) => {
        const name = await entry.locator(`input[type=hidden][value="${used[definition]}"]`).getAttribute('name');
        for (const [field, value] of Object.entries(values)) await entry.fill(`[name="${name.replace('indicator', field)}"]`, value);
        return name.replace('indicator', '');
    };
    await entry.goto('/indicator-entry');
    await noOverflow(entry, 'entry of values on a phone');
    await accessible(entry, 'entry of values on a phone');
    await put('K19', { value: '2' });
    await put('K10', { numerator: '8', denominator: '1 600' });
    const red = await put('K16', { value: '200', period: month(2) });
    await send(entry);
    await entry.locator(`[name="${red}comment"]`).waitFor();
    assert.equal(await entry.inputValue(`[name="${red}value"]`), '200', 'what was typed is still there');
    for (const number of Object.values(used)) assert.equal(ok(await as.analyst.one('indicators', number)).last_period ?? null, null, 'nothing is half saved');
    await entry.fill(`[name="${red}comment"]`, 'Support absent');
    await send(entry);
    await entry.waitForURL((u) => !u.pathname.endsWith('/indicator-entry') || u.search !== '');
    assert.deepEqual(await Promise.all(['K19', 'K10', 'K16'].map(async (k) => ok(await as.analyst.one('indicators', used[k])).colour)), ['green', 'green', 'red']);
    const breach = (await as.analyst.all('breaches')).find((b) => b.indicator === used.K16).number;

    const unit = await on({ lang: 'ar' });
    const head = await signIn(unit, 'head_north');
    await head.goto(`/breaches/${breach}`);
    await noOverflow(head, 'breach on a phone');
    await accessible(head, 'breach on a phone');
    await step(head, 'acknowledge');
    await head.goto(`/breaches/${breach}/do/analyse`);
    await head.fill('textarea[name=analysis]', 'لم تكن وسيطة الحفظ متوفرة');
    await send(head);
    await head.waitForURL(new RegExp(`/breaches/${breach}$`));
    assert.equal(ok(await as.analyst.one('breaches', breach)).state, 'analysed');
    unit.clean();
    await unit.close();

    const office = await on({ viewport: undefined, touch: false });
    const page = await signIn(office, 'analyst');
    await page.goto(`/breaches/${breach}`);
    await page.locator(`a[href="/plan-action?breach=${breach}"]`).click();
    await page.waitForURL(/plan-action/);
    const due = new Date(Date.now() + 60 * 86400000).toISOString().slice(0, 10);
    const filled = { issue_title: 'Restaurations non faites', issue_description: 'Support absent', likelihood: '3', impact: '3', issue_owner: email('head_north'), title: 'Acheter le support', deliverable: 'Bon de livraison', owner: email('corr_north'), due_on: due, priority: 'high' };
    for (const [name, value] of Object.entries(filled)) {
        const field = page.locator(`main form.form [name="${name}"]`).first();
        const [tag, type] = await field.evaluate((e) => [e.tagName, e.type]);
        if (tag === 'SELECT') await field.selectOption(value);
        else if (type === 'hidden' || !await field.isVisible()) await field.evaluate((e, v) => { e.value = v; }, value);
        else if (type === 'radio') await page.locator(`main form.form [name="${name}"][value="${value}"]`).check();
        else await field.fill(value);
    }
    await send(page);
    await page.waitForURL((u) => !u.pathname.endsWith('/plan-action'));
    assert.equal(ok(await as.analyst.one('breaches', breach)).state, 'handled');
    await page.goto(`/breaches/${breach}`);
    assert.match(await page.textContent('main'), /Acheter le support/);

    await entry.goto('/indicator-entry');
    assert.equal(await entry.locator(`input[type=hidden][value="${used.K19}"]`).count(), 0, 'what is given is not asked again');
    await put('K16', { value: '40' });
    await send(entry);
    await entry.waitForURL((u) => !u.pathname.endsWith('/indicator-entry') || u.search !== '');
    await page.goto(`/breaches/${breach}`);
    assert.match(await page.textContent('main'), /revenu au vert|ramené au vert/i);
    assert.equal(ok(await as.analyst.one('breaches', breach)).state, 'closed');
    for (const context of [mine, office]) {
        context.clean();
        await context.close();
    }
});

test('grid, calendar, dashboard and punctuality: nothing overflows, nothing is told by colour alone', async () => {
    for (const options of [{ lang: 'fr' }, { lang: 'ar', viewport: small, theme: 'dark' }]) {
        const context = await openContext(browser, s.server, options);
        const page = await signIn(context, 'analyst');
        for (const [name, path] of [['grid', '/indicator-grid'], ['calendar', '/reports/indicator-calendar'], ['state', '/reports/indicators?by=category'], ['punctuality', '/reports/indicator-punctuality'], ['file', `/indicators/${number}`]]) {
            await page.goto(path);
            await noOverflow(page, `${name} ${options.lang}`);
            await accessible(page, `${name} ${options.lang}`);
            if (name === 'grid') assert.match(await page.locator('table.cells td.g3 abbr').first().textContent(), /^■/);
        }
        context.clean();
        await context.close();
    }
});
