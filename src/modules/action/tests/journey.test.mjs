// journey.test.mjs: the follow-up of actions in the browser, on the demonstration bank: a card dragged with the mouse,
// carried by the keyboard, moved without any script; tracker, time axis, ages, extensions, acceptances, costs, and the
// best plan with its curve, on a desktop and a phone, in French and Arabic. SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { after, before, test as every } from 'node:test';
import { accessible, desktop, noOverflow, openBrowser, openContext, shoot, signIn, small } from '../../../../tests/lib/browser.mjs';
import { ok } from '../../../../tests/lib/client.mjs';
import { engine, start } from '../../../../tests/lib/server.mjs';
import { email, everybody, isoDay } from '../../../../tests/lib/world.mjs';

let s, as, browser, issue;
const cards = [];
// What the database answers is tested by walk.test.mjs on both.
const test = engine === 'sqlite' ? every : (name) => every(name, { skip: 'the pages are those of the other database' }, () => {});
before(async () => {
    if (engine !== 'sqlite') return;
    s = await start('demo');
    as = everybody(s.server, s.world, { check: false });
    browser = await openBrowser();
    issue = ok(await as.analyst.create('issues', { title: 'Contre-appel omis', description: 'Neuf sur quarante.', source: 'self', likelihood: '3', impact: '4', owner: email('head_north'), unit: 'TN1', target_on: isoDay(-200) }), 201).number;
    ok(await as.analyst.move('issues', issue, 'open'));
    for (let i = 0; i < 3; i++)
        cards.push(ok(await as.analyst.create('actions', { issues: [issue], title: `Mesure ${i}`, deliverable: 'Procès-verbal', owner: email('plain'), unit: 'TN1', due_on: isoDay(-60), kind: 'corrective', priority: 'high' }), 201).number);
});
after(async () => { await browser?.close(); await s?.end(); });

const board = '/action-board?unit=TN1';
const state = async (number) => ok(await as.analyst.one('actions', number)).state;
const card = (page, number) => page.locator(`[data-card="${number}"]`);
const column = (page, label) => page.locator(`[data-column][data-label="${label}"]`);
async function opened(name, options) {
    const context = await openContext(browser, s.server, { lang: 'fr', ...options });
    return { context, page: await signIn(context, name) };
}

test('a card is dragged with the mouse to its next state', async () => {
    const { context, page } = await opened('analyst');
    await page.goto(board);
    await accessible(page, 'board');
    await card(page, cards[0]).dragTo(column(page, 'En cours'), { sourcePosition: { x: 60, y: 12 } });
    await page.waitForFunction((n) => document.querySelector(`[data-column][data-label="En cours"] [data-card="${n}"]`), cards[0]);
    assert.match(page.url(), /\/action-board\?unit=TN1/, 'one is back at the board');
    assert.equal(await state(cards[0]), 'in_progress');
    context.clean();
    await context.close();
});

test('a card is carried by the keyboard, and let go again', async () => {
    for (const [lang, key] of [['fr', 'ArrowRight'], ['ar', 'ArrowLeft']]) {
        const number = cards[lang === 'fr' ? 1 : 2];
        const { context, page } = await opened('analyst', { lang });
        await page.goto(board);
        await card(page, number).focus();
        await page.keyboard.press('Space');
        const said = () => page.textContent('[data-board-say]');
        assert.ok((await said()).includes(number), 'it is said aloud');
        const open = await page.locator('[data-column][data-may]').count(), all = await page.locator('[data-column]').count();
        assert.ok(open >= 1 && open < all - 2, 'only the states that its state allows are open to it');
        await page.keyboard.press('Escape');
        assert.equal(await card(page, number).getAttribute('data-held'), null);
        await page.keyboard.press('Space');
        await page.keyboard.press(key);
        await shoot(page, `board-held-${lang}`);
        await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
        assert.equal(await state(number), 'in_progress', lang);
        context.clean();
        await context.close();
    }
});

test('without a script the menu of a card does the same', async () => {
    const { context, page } = await opened('plain', { script: false });
    await page.goto('/action-board?whose=mine');
    await card(page, cards[0]).locator('summary').click();
    await card(page, cards[0]).locator('.menu-body [data-to] :is(a, button)').first().click();
    await page.waitForURL(/\/do\/submit/);
    await page.setInputFiles('input[type=file][name=evidence]', { name: 'recette.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4\nrecette\n') });
    await page.fill('textarea[name=done_note]', 'Recette signée.');
    await page.locator('main form.form button[data-submit]').first().click();
    await page.waitForURL(/\/action-board/);
    assert.equal(await state(cards[0]), 'done');
    await context.close();
});

const pages = ['/action-tracker', '/action-board', '/action-board?of=issues', '/action-gantt', `/action-gantt?issue=`, '/reports/action-ageing', '/reports/action-ageing?by=owner', '/reports/action-trend', '/reports/extensions', '/reports/acceptances', '/reports/plan-cost', '/action-plan'];
for (const [lang, theme, viewport] of [['fr', 'light', desktop], ['ar', 'dark', desktop], ['fr', 'dark', small], ['ar', 'light', small]]) {
    test(`every page of the follow-up fits: ${lang}, ${theme}, ${viewport.width} px`, async () => {
        const { context, page } = await opened('head_orm', { lang, theme, viewport, touch: viewport === small });
        for (const path of pages) {
            const reply = await page.goto(path.endsWith('issue=') ? path + issue : path);
            assert.equal(reply.status(), 200, path);
            await noOverflow(page, `${path} ${lang} ${viewport.width}`);
            if (viewport === desktop && lang === 'fr') await accessible(page, `${path} ${lang}`);
            await shoot(page, `actions${path.replace(/[^a-z]+/g, '-')}-${lang}-${viewport.width}`);
        }
        context.clean();
        await context.close();
    });
}

test('the best plan answers to the budget, says that it is proven, and its curve rises', async () => {
    const { context, page } = await opened('head_orm');
    await page.goto('/action-plan');
    const figure = async (k) => Number((await page.locator('.figures > div').nth(k).textContent()).replace(/.*?([\d\s  ]+,\d\d).*/s, '$1').replace(/[^\d,]/g, '').replace(',', '.'));
    const first = await figure(0);
    assert.ok(first > 0);
    assert.match(await page.textContent('main'), /Meilleur plan prouvé|Bon plan/);
    assert.ok(await page.locator('svg path, svg polyline').count() > 0, 'the curve');
    await page.fill('input[name=budget]', '100000000');
    await Promise.all([page.waitForNavigation(), page.locator('form[action="/action-plan"] button[data-submit], form[action="/action-plan"] button').last().click()]);
    assert.ok(await figure(0) >= first, 'more money never removes less');
    const json = JSON.stringify(ok(await as.head_orm.get('/action-plan.json?budget=100000000')));
    const points = [...json.matchAll(/"benefit":\{?"?(?:amount)?"?:?"?(\d+(?:\.\d+)?)/g)].map((m) => Number(m[1]));
    assert.ok(points.length > 0);
    context.clean();
    await context.close();
});

test('an incident leads to the form that decides an action, in two clicks', async () => {
    const { context, page } = await opened('analyst');
    const open = (await as.analyst.all('incidents', 'state=open'))[0];
    await page.goto(`/incidents/${open.number}`);
    await page.locator('a[href^="/plan-action?incident="]').first().click();
    await page.waitForURL(/\/plan-action/);
    await page.fill('input[name=title]', 'Rendre le contre-appel bloquant');
    await page.fill('textarea[name=deliverable]', 'Procès-verbal de recette');
    await page.fill('input[name=due_on]', isoDay(-40));
    for (const name of ['issue_owner', 'owner']) {
        const field = page.locator(`[name=${name}]`).first();
        if (!await field.inputValue()) await page.evaluate(([n, v]) => { document.querySelector(`[name=${n}]`).value = v; }, [name, email(name === 'owner' ? 'plain' : 'head_north')]);
    }
    await page.locator('main form.form button[data-submit]').first().click();
    await page.waitForURL(/\/actions\/ACT-/).catch(async () => assert.fail((await page.textContent('main')).replace(/\s+/g, ' ').slice(0, 600)));
    const action = /ACT-\d{4}-\d+/.exec(page.url())[0];
    await page.goto(`/incidents/${open.number}`);
    assert.ok((await page.textContent('main')).includes('Rendre le contre-appel bloquant'));
    assert.equal(ok(await as.plain.one('actions', action)).owner, email('plain'));
    context.clean();
    await context.close();
});
