// journeys.test.mjs: what people come for: declare (desktop and phone, French and Arabic), review and approve by two
// persons, find it in the loss matrix down to the entry, anonymous declaration, a form error, keyboard, no script.
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ok } from '../lib/client.mjs';
import { accessible, desktop, noOverflow, openBrowser, openContext, phone, shoot, signIn } from '../lib/browser.mjs';
import { start } from '../lib/server.mjs';
import { assessment, email, everybody, isoDay, lists, password, qualification } from '../lib/world.mjs';

let s, as, l, browser;
before(async () => {
    s = await start('bank');
    as = everybody(s.server, s.world, { check: false });
    l = await lists(as.analyst);
    browser = await openBrowser();
});
after(async () => { await browser?.close(); await s?.end(); });

const submit = (page) => page.locator('main form.form button[data-submit]').first();

// The declaration page filled in: the story, one pattern, date and money.
async function declare(page, words, { amount } = {}) {
    await page.goto('/declare');
    await page.fill('textarea[name=description]', words);
    await page.fill('input[name=discovered_on]', isoDay(1));
    if (amount) await page.fill('input[name="estimated_loss.amount"]', amount);
    await page.locator('label:has(input[name=amount_range][value=to_100k])').click();
    await Promise.all([page.waitForURL(/\/declare\/INC-/), submit(page).click()]);
    return /INC-\d{4}-\d+/.exec(page.url())[0];
}

// A hand that counts: presses of the mouse or a finger, and keys.
function hand(page) {
    const h = { clicks: 0, keys: 0 };
    h.click = async (where) => { h.clicks++; await (typeof where === 'string' ? page.locator(where).first() : where).click(); };
    h.type = async (words) => { h.keys += words.length; await page.keyboard.type(words); };
    h.key = async (name) => { h.keys++; await page.keyboard.press(name); };
    h.moves = async (go, to) => Promise.all([page.waitForURL(to), go]);
    return h;
}

const signInByHand = async (page, h, who) => {
    await page.goto('/login');
    if (!await page.evaluate(() => document.activeElement?.name === 'email')) await h.click('input[name=email]');
    await h.type(email(who));
    await h.key('Tab');
    await h.type(password);
    await h.moves(h.key('Enter'), (u) => u.pathname === '/');
};

// All persons of the main job, each from the sign-in page, with what they find in My work.
test('confirmed, classified, reviewed, approved and found in the matrix: the clicks of each person', async (t) => {
    const number = ok(await as.plain.create('incidents', { title: 'Virement parti deux fois', description: 'Au même bénéficiaire', pattern: 'I09', amount_range: 'to_1m', estimated_loss: { amount: '900000.00', currency: 'MAD' }, discovered_on: isoDay(2) }), 201).number;
    ok(await as.plain.move('incidents', number, 'submit'));
    const state = async () => ok(await as.analyst.one('incidents', number)).state;
    const line = (page) => page.locator('main tr', { hasText: number }).first();
    const person = async (who, most, work) => {
        const context = await openContext(browser, s.server, { lang: 'fr' }), page = await context.newPage(), h = hand(page);
        await signInByHand(page, h, who);
        await work(page, h);
        t.diagnostic(`${who}: ${h.clicks} clicks`);
        assert.ok(h.clicks <= most, `${who}: ${h.clicks} clicks`);
        context.clean();
        await context.close();
    };
    // First of all, while nothing else waits. The step is taken where the line stands, and the next line is in front again.
    await person('head_north', 2, async (page, h) => {
        await h.click(line(page).locator('a.button'));
        await page.waitForSelector('dialog[open] button[data-submit], main form.form button[data-submit]');
        await Promise.all([page.waitForNavigation(), h.click('dialog[open] button[data-submit], main form.form button[data-submit]')]);
        assert.equal(new URL(page.url()).pathname, '/', 'back in My work');
        assert.equal(await state(), 'qualification');
    });
    await person('corr_north', 7, async (page, h) => {
        await h.moves(h.click(line(page).locator('a').first()), (u) => u.pathname === `/incidents/${number}`);
        await h.moves(h.click('.notice a'), (u) => u.pathname.endsWith('/edit'));
        await page.locator('input[name=occurred_on]').focus();
        h.clicks++; // a date is picked or typed
        await page.fill('input[name=occurred_on]', isoDay(4));
        if (!await page.locator('[name=process]').first().inputValue()) { h.clicks += 2; await setField(page, 'process', l.process); }
        await h.moves(h.click('main form.form button[data-submit]'), (u) => u.pathname === `/incidents/${number}`);
        await Promise.all([page.waitForNavigation(), h.click('.page-buttons .button.primary')]);
        assert.equal(await state(), 'review');
    });
    await person('analyst', 13, async (page, h) => {
        await h.moves(h.click(line(page).locator('a').first()), (u) => u.pathname === `/incidents/${number}`);
        await h.moves(h.click('.notice a'), (u) => u.pathname.endsWith('/edit'));
        for (const field of ['client', 'reputation', 'regulatory', 'legal', 'staff', 'data', 'service']) await h.click(`label:has(input[name=impact_${field}][value="1"])`);
        await h.click('[data-child=controls_failed] [data-child-add]');
        h.clicks++; // one of a short list
        await page.locator('[name="controls_failed[0].how"]').selectOption('operation');
        await h.moves(h.click('main form.form button[data-submit]'), (u) => u.pathname === `/incidents/${number}`);
        await Promise.all([page.waitForNavigation(), h.click('.page-buttons .button.primary')]);
        assert.equal(await state(), 'approval');
    });
    await person('head_orm', 4, async (page, h) => {
        await h.click(line(page).locator('a.button'));
        await page.waitForSelector('dialog[open] button[data-submit], main form.form button[data-submit]');
        await Promise.all([page.waitForNavigation(), h.click('dialog[open] button[data-submit], main form.form button[data-submit]')]);
        assert.equal(await state(), 'open');
        await h.moves(h.click('nav.rail a[href="/reports/loss-matrix"]'), /loss-matrix/);
        await Promise.all([page.waitForNavigation(), h.click('table.matrix tbody td a')]);
        assert.match(await page.textContent('main'), /Virement parti deux fois/, 'a cell opens its records');
    });
});

for (const [lang, viewport, name] of [['fr', desktop, 'desktop'], ['fr', phone, 'phone'], ['ar', phone, 'phone'], ['ar', desktop, 'desktop'], ['en', desktop, 'desktop']]) {
    test(`declaring in ${lang} on a ${name}: one page, at most six clicks`, async () => {
        const context = await openContext(browser, s.server, { viewport, lang, touch: viewport === phone });
        const page = await signIn(context, 'plain');
        assert.equal(await page.getAttribute('html', 'dir'), lang === 'ar' ? 'rtl' : 'ltr');
        const words = lang === 'ar' ? 'تم إرسال التحويل مرتين إلى نفس المستفيد' : 'Un virement est parti deux fois vers le même bénéficiaire';
        const number = await declare(page, words);
        await noOverflow(page, `thanks in ${lang}`);
        await page.goto(`/incidents/${number}`);
        assert.ok((await page.textContent('main')).includes(words.slice(0, 20)));
        await noOverflow(page, `record in ${lang}`);
        await shoot(page, `declared-${lang}-${name}`);
        assert.equal(ok(await as.corr_north.one('incidents', number)).state, 'declared');
        context.clean();
        await context.close();
    });
}

// From the sign-in page to the number of the declaration: whoever has nothing else to do finds the questions at once.
for (const [lang, viewport, most] of [['fr', phone, 5], ['ar', phone, 5], ['fr', desktop, 3]]) {
    test(`from signing in to declared in ${lang} on ${viewport === phone ? 'a phone' : 'a desk'}: at most ${most} clicks`, async (t) => {
        const context = await openContext(browser, s.server, { lang, viewport, touch: viewport === phone });
        const page = await context.newPage(), h = hand(page), words = lang === 'ar' ? 'تحويل أُرسل مرتين' : 'Un virement est parti deux fois';
        const began = Date.now();
        await signInByHand(page, h, 'plain');
        if (!await page.evaluate(() => document.activeElement?.name === 'description')) await h.click('textarea[name=description]');
        await h.type(words);
        if (await page.locator('.pills.quick .pill').count()) await h.click('.pills.quick .pill');
        else {
            await h.click('.picker-more > summary');
            await h.click(page.locator('.picker-list label', { hasText: { fr: 'Virement en double', ar: 'تحويل' }[lang] }).first());
            assert.match(await page.textContent('[data-picked]'), { fr: /Virement en double/, ar: /تحويل/ }[lang], 'the choice is said where it was made');
        }
        await h.click('label:has(input[name=amount_range][value=to_10k])');
        await h.moves(h.click('form.form button[data-submit]'), /\/declare\/INC-/);
        t.diagnostic(`${h.clicks} clicks, ${h.keys} keys of which ${words.length} tell it, ${((Date.now() - began) / 1000).toFixed(1)} s of a machine's hand`);
        assert.ok(h.clicks <= most, `${h.clicks} clicks`);
        const number = /INC-\d{4}-\d+/.exec(page.url())[0];
        await h.moves(page.locator('.page-buttons a').click(), /\/declare\?unit=TN1&pattern=I09/);
        assert.ok(await page.locator('input[name=pattern][value=I09]').first().isChecked(), 'another like it begins with its kind');
        assert.match(ok(await as.corr_north.one('incidents', number)).description, new RegExp(words.slice(0, 8)));
        context.clean();
        await context.close();
    });
}

test('the whole form shows what the answers ask for, and loses nothing', async () => {
    const context = await openContext(browser, s.server, { lang: 'fr' });
    const page = await signIn(context, 'corr_north');
    await page.goto('/incidents/new');
    assert.ok(await page.evaluate(() => document.documentElement.scrollHeight) < 2600, 'three screens, not six');
    const part = page.locator('details.group', { has: page.locator('[name=boundary]') });
    assert.match(await part.locator('summary').first().textContent(), /0 sur \d+ renseignés/);
    await part.locator('summary').first().click();
    const reference = page.locator('[name=boundary_reference]');
    assert.ok(!await reference.isVisible() && !await page.locator('[name=in_credit_rwa]').isVisible());
    await page.selectOption('[name=boundary]', 'market');
    assert.ok(await reference.isVisible() && !await page.locator('[name=in_credit_rwa]').isVisible(), 'one of two answers');
    await reference.fill('DOS-7');
    await page.selectOption('[name=boundary]', 'none');
    assert.ok(await reference.isVisible(), 'what was typed stays in sight');
    await part.locator('summary').first().click();
    await page.waitForFunction(() => [...document.querySelectorAll('[data-filled]')].some((n) => n.textContent.startsWith('2 sur ')));
    await page.locator('.form-nav a').nth(3).click();
    assert.ok(await reference.isVisible(), 'the list of parts unfolds the part');
    await Promise.all([page.waitForResponse((r) => r.request().method() === 'POST'), submit(page).click()]);
    await page.waitForSelector('[data-errors]'); // the title is missing
    assert.equal(await page.locator('[name=boundary_reference]').inputValue(), 'DOS-7');
    context.clean();
    await context.close();
});

test('declare, confirm, qualify, review, approve, find it in the loss matrix and open it down to the entry', async () => {
    const declarant = await openContext(browser, s.server, { lang: 'fr' });
    const number = await declare(await signIn(declarant, 'plain'), 'Erreur de saisie sur un virement important, retrouvée au rapprochement');
    await declarant.close();

    const corr = await openContext(browser, s.server, { lang: 'fr' });
    let page = await signIn(corr, 'corr_north');
    assert.ok((await page.textContent('main')).includes(number), 'it waits in My work');
    const step = async (p, name) => {
        await p.goto(`/incidents/${number}/do/${name}`);
        await submit(p).click();
        await p.waitForURL((u) => !u.pathname.includes('/do/')).catch(async () => assert.fail(`${name}: ${(await p.textContent('main')).replace(/\s+/g, ' ').slice(0, 600)}`));
    };
    await step(page, 'confirm');
    // The form in the browser: the classification is chosen from its lists.
    await page.goto(`/incidents/${number}/edit`);
    const wanted = qualification(l);
    await page.evaluate(() => document.querySelectorAll('main details').forEach((d) => { d.open = true; }));
    for (const field of ['event_type', 'business_line', 'risk_category', 'process']) await setField(page, field, wanted[field]);
    await page.fill('input[name=occurred_on]', isoDay(4));
    if (!await page.locator('[name="causes[0].cause"]').count()) await page.locator('[data-child=causes] [data-child-add]').click();
    await setField(page, 'causes[0].cause', l.cause);
    await Promise.all([page.waitForURL((u) => u.pathname === `/incidents/${number}`), submit(page).click()]);
    const entry = ok(await as.corr_north.create('financial_entries', { incident: number, kind: 'direct_loss', amount: { amount: '777777.00', currency: 'MAD' }, status: 'booked', booked_on: isoDay(2) }), 201).number;
    ok(await as.finance.move('financial_entries', entry, 'accept'));
    await step(page, 'send');
    corr.clean();
    await corr.close();

    const analyst = await openContext(browser, s.server, { lang: 'fr' });
    page = await signIn(analyst, 'analyst');
    ok(await as.analyst.patch('incidents', number, ok(await as.analyst.one('incidents', number)).version, assessment));
    await step(page, 'validate');
    assert.equal(ok(await as.analyst.one('incidents', number)).state, 'approval');
    assert.equal((await page.request.get(`/incidents/${number}/do/approve`)).status() < 500, true);
    await analyst.close();

    const head = await openContext(browser, s.server, { lang: 'fr' });
    page = await signIn(head, 'head_orm');
    assert.ok((await page.textContent('main')).includes(number), 'it waits for the head');
    await page.goto(`/incidents/${number}`);
    const next = page.locator('.page-buttons .button.primary').first();
    await next.click();
    if (await page.locator('dialog[open] button[data-submit], main form.form button[data-submit]').count())
        await page.locator('dialog[open] button[data-submit], main form.form button[data-submit]').first().click();
    await page.waitForLoadState('networkidle');
    assert.equal(ok(await as.head_orm.one('incidents', number)).state, 'open');

    await page.goto('/reports/loss-matrix');
    await accessible(page, 'loss matrix');
    await shoot(page, 'matrix-journey');
    const cell = page.locator('table.matrix tbody td a').first();
    assert.ok(await cell.count(), 'a cell opens its records');
    let opened = false;
    for (const a of await page.locator('table.matrix tbody td a').all()) {
        const href = await a.getAttribute('href');
        const reply = await page.request.get(href);
        if (reply.status() === 200 && (await reply.text()).includes(number)) {
            await a.click();
            opened = true;
            break;
        }
    }
    assert.ok(opened, 'one of the cells holds the incident');
    await page.locator(`a[href="/incidents/${number}"], a:has-text("${number}")`).first().click();
    await page.waitForURL(new RegExp(`/incidents/${number}`));
    const text = (await page.textContent('main')).replace(/[\s\u00a0\u202f]/g, '');
    assert.ok(text.includes('777777,00'), 'the amount stands on the page');
    await page.locator(`main a[href="/financial_entries/${entry}"]`).first().click();
    await page.waitForURL(new RegExp(entry));
    head.clean();
    await head.close();
});

// Chooses an entry as a person does: in the list, or by typing where script has put a search box over a long one.
async function setField(page, name, value) {
    const box = page.locator(`[name="${name}"]`).first();
    const typed = page.locator(`.lookup:has([name="${name}"]) input[role=combobox]`);
    if (await typed.count()) {
        const label = await box.evaluate((e, v) => (e.options ? [...e.options].find((o) => o.value === v)?.textContent.trim() : v), value);
        await typed.fill(label ?? value);
        await page.locator(`.lookup:has([name="${name}"]) [role=option]`, { hasText: label ?? value }).first().click();
    } else if (await box.evaluate((e) => e.tagName) === 'SELECT') await box.selectOption(value);
    else await box.fill(value);
    assert.equal(await box.inputValue(), value, `${name} takes ${value}`);
}

test('two persons: who validated is not offered to approve', async () => {
    const number = ok(await as.plain.create('incidents', { title: 'Deux personnes', description: 'x', amount_range: 'over_1m', discovered_on: isoDay(2), occurred_on: isoDay(3) }), 201).number;
    ok(await as.plain.move('incidents', number, 'submit'));
    ok(await as.corr_north.move('incidents', number, 'confirm'));
    ok(await as.corr_north.patch('incidents', number, ok(await as.corr_north.one('incidents', number)).version, qualification(l, { estimated_loss: { amount: '900000.00', currency: 'MAD' } })));
    ok(await as.corr_north.move('incidents', number, 'send'));
    ok(await as.head_orm.patch('incidents', number, ok(await as.head_orm.one('incidents', number)).version, assessment));
    ok(await as.head_orm.move('incidents', number, 'validate'));
    const context = await openContext(browser, s.server, { lang: 'fr' });
    const page = await signIn(context, 'head_orm');
    await page.goto(`/incidents/${number}`);
    assert.equal(await page.locator(`.page-buttons a[href$="/do/approve"], .page-buttons form[action$="/do/approve"]`).count(), 0, 'no way to approve what one validated oneself');
    await context.close();
    const other = await openContext(browser, s.server, { lang: 'fr' });
    const second = await signIn(other, 'committee');
    await second.goto(`/incidents/${number}`);
    assert.ok(await second.locator(`a[href$="/do/approve"], form[action$="/do/approve"]`).count(), 'the committee may');
    await other.close();
});

test('a form error keeps what was typed, names the field and takes the focus there', async () => {
    const context = await openContext(browser, s.server, { lang: 'fr' });
    const page = await signIn(context, 'plain');
    await page.goto('/declare');
    await page.fill('textarea[name=description]', 'Texte que personne ne doit perdre');
    await page.fill('input[name=discovered_on]', isoDay(-20));
    await Promise.all([page.waitForResponse((r) => r.request().method() === 'POST'), submit(page).click()]);
    await page.waitForSelector('[data-errors]');
    assert.equal(await page.inputValue('textarea[name=description]'), 'Texte que personne ne doit perdre');
    assert.equal(await page.inputValue('input[name=discovered_on]'), isoDay(-20));
    const link = page.locator('[data-errors] a').first();
    const target = (await link.getAttribute('href')).slice(1);
    assert.ok(await page.locator(`[id="${target}"]`).count(), 'the error leads to its field');
    await link.click();
    await accessible(page, 'form with errors');
    await page.fill('input[name=discovered_on]', isoDay(2));
    await page.locator('label:has(input[name=amount_range][value=none])').click();
    await Promise.all([page.waitForURL(/\/declare\/INC-/), submit(page).click()]);
    context.clean();
    await context.close();
});

test('anonymous declaration on a phone, followed with its code', async () => {
    for (const lang of ['fr', 'ar']) {
        const context = await openContext(browser, s.server, { viewport: phone, lang, touch: true });
        const page = await context.newPage();
        await page.goto('/anonymous');
        await noOverflow(page, `anonymous ${lang}`);
        await accessible(page, `anonymous ${lang}`);
        await page.fill('textarea[name=description]', 'On me demande de contourner un contrôle');
        await page.selectOption('select[name=unit]', 'TN1', { force: true }).catch(() => setField(page, 'unit', 'TN1'));
        await page.fill('input[name=discovered_on]', isoDay(1));
        await page.locator('label:has(input[name=amount_range][value=unknown])').click();
        await Promise.all([page.waitForURL(/\/anonymous\/./), submit(page).click()]);
        const code = page.url().split('/').at(-1);
        assert.ok((await page.textContent('main')).includes(code));
        await shoot(page, `anonymous-code-${lang}-phone`);
        await page.goto('/login');
        await page.goto(`/anonymous/${code}`);
        assert.ok((await page.textContent('main')).includes(code));
        context.clean();
        await context.close();
    }
});

test('language and theme are switched where one is', async () => {
    const context = await openContext(browser, s.server, { lang: 'fr' });
    const page = await signIn(context, 'analyst');
    await page.goto('/incidents?sort=-discovered_on');
    await Promise.all([page.waitForNavigation(), page.locator('button[name=lang][value=ar]').first().click()]);
    assert.equal(await page.getAttribute('html', 'lang'), 'ar');
    assert.match(page.url(), /\/incidents\?sort=-discovered_on$/, 'the same page with its filter');
    const before = await page.getAttribute('html', 'data-theme');
    await Promise.all([page.waitForResponse((r) => r.request().method() === 'POST'), page.locator('button[name=theme]').first().click()]);
    await page.waitForFunction((b) => document.documentElement.dataset.theme !== b, before);
    await page.reload();
    assert.notEqual(await page.getAttribute('html', 'data-theme'), before, 'and it stays');
    context.clean();
    await context.close();
});

test('with the keyboard alone: sign in, declare, sign out', async () => {
    const context = await openContext(browser, s.server, { lang: 'fr' });
    const page = await context.newPage();
    await page.goto('/login');
    const reach = async (selector, most = 80) => {
        for (let i = 0; i < most; i++) {
            if (await page.evaluate((q) => document.activeElement?.matches(q), selector)) {
                const seen = await page.evaluate(() => { const e = document.activeElement, c = getComputedStyle(e); return c.outlineStyle !== 'none' || c.boxShadow !== 'none' || e.type === 'radio' || e.type === 'checkbox'; });
                assert.ok(seen, `the focus on ${selector} can be seen`);
                return;
            }
            await page.keyboard.press('Tab');
        }
        assert.fail(`Tab does not reach ${selector}`);
    };
    await reach('input[name=email]');
    await page.keyboard.type('plain@test.example');
    await reach('input[name=password]');
    await page.keyboard.type('a long enough test sentence');
    await page.keyboard.press('Enter');
    await page.waitForURL((u) => u.pathname === '/');
    await page.goto('/incidents');
    await page.keyboard.press('Tab');
    assert.ok(await page.evaluate(() => document.activeElement.matches('.skip')), 'the first stop is the way to the content');
    await page.goto('/declare');
    await reach('textarea[name=description]');
    await page.keyboard.type('Au clavier seulement');
    await reach('input[name=amount_range]', 200);
    await page.keyboard.press('Space');
    await reach('button[data-submit]', 200);
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/declare\/INC-/);
    await page.keyboard.press('/');
    assert.ok(await page.evaluate(() => document.activeElement.matches('input[type=search]')), '/ leads to the search');
    context.clean();
    await context.close();
});

test('the filter panel is loaded when it is opened, and a search keeps its filters', async () => {
    const context = await openContext(browser, s.server, { lang: 'fr' });
    const page = await signIn(context, 'analyst');
    await page.goto('/incidents');
    assert.equal(await page.locator('.filter-grid').count(), 0, 'nothing of it in the page');
    await page.click('details.filters > summary');
    await page.selectOption('.filter-panel select[name="event_kind"]', 'loss');
    await Promise.all([page.waitForNavigation(), page.click('.filter-panel footer button')]);
    assert.match(page.url(), /event_kind=loss/);
    assert.match(page.url(), /state\.open=1/);
    await page.fill('.filter-form input[name=q]', 'virement');
    await Promise.all([page.waitForNavigation(), page.press('.filter-form input[name=q]', 'Enter')]);
    assert.match(page.url(), /event_kind=loss.*q=virement/);
    context.clean();
    await context.close();
});

test('long lists of choices come when a form is touched', async () => {
    const context = await openContext(browser, s.server, { lang: 'fr' });
    const page = await signIn(context, 'corr_north');
    await page.goto('/incidents/new');
    const later = page.locator('select[data-later]');
    assert.ok(await later.count() > 2, 'lists are left out');
    await page.locator('form.form input[name="title"]').focus();
    await page.waitForFunction(() => !document.querySelector('select[data-later]'));
    assert.ok(await page.locator('select[name="unit"] option[value="TN1"]').count(), 'and come');
    const currency = page.locator('select[name="estimated_loss.currency"]');
    assert.equal(await currency.inputValue(), 'MAD', 'what was chosen stays');
    assert.ok(await currency.locator('option').count() > 100);
    context.clean();
    await context.close();
});

test('without script: declare, confirm, list, filter, matrix', async () => {
    const context = await openContext(browser, s.server, { lang: 'fr', script: false });
    const page = await signIn(context, 'plain');
    const number = await declare(page, 'Sans script du tout');
    await context.close();
    const second = await openContext(browser, s.server, { lang: 'fr', script: false });
    const corr = await signIn(second, 'corr_north');
    await corr.goto(`/incidents/${number}/do/confirm`);
    await Promise.all([corr.waitForNavigation(), submit(corr).click()]);
    assert.equal(ok(await as.corr_north.one('incidents', number)).state, 'qualification');
    await corr.goto('/incidents');
    assert.ok((await corr.textContent('main')).includes(number));
    await corr.fill('input[type=search][name=q]', 'script');
    await corr.press('input[type=search][name=q]', 'Enter');
    await corr.waitForURL(/\/search/);
    assert.ok((await corr.textContent('main')).includes(number));
    await corr.goto('/incidents');
    await Promise.all([corr.waitForNavigation(), corr.click('a[data-filters]')]);
    await corr.selectOption('select[name="state"]', 'closed');
    await Promise.all([corr.waitForNavigation(), corr.click('.filter-page footer button')]);
    assert.ok(!(await corr.textContent('main')).includes(number) && await corr.locator('.chip').count(), 'filtered');
    await corr.goto('/reports/loss-matrix');
    assert.ok(await corr.locator('table.matrix').count());
    await shoot(corr, 'no-script-matrix');
    await second.close();
});
