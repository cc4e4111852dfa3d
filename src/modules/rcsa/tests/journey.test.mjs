// journey.test.mjs: a campaign over all risks of the demonstration bank in the browser, by five roles: drawn up and
// opened, answered with the keyboard alone, given an opinion, approved, decided, published; then from the map to a loss.
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, noOverflow, openBrowser, openContext, phone, signIn } from '../../../../tests/lib/browser.mjs';
import { ok } from '../../../../tests/lib/client.mjs';
import { start } from '../../../../tests/lib/server.mjs';
import { email, everybody, isoDay } from '../../../../tests/lib/world.mjs';

let s, as, browser, campaign;
const open = {};
before(async () => {
    s = await start('demo');
    as = everybody(s.server, s.world, { check: false });
    for (const [name, role] of [['corr_north', 'correspondent'], ['head_north', 'unit_head']])
        ok(await as.root.create('role_assignments', { person: email(name), role, valid_from: '2020-01-01' }), 201);
    browser = await openBrowser();
});
after(async () => {
    for (const x of Object.values(open)) await x.context.close();
    await browser?.close();
    await s?.end();
});

async function pageOf(name, lang = 'fr') {
    if (!open[name]) {
        const context = await openContext(browser, s.server, { lang });
        open[name] = { context, page: await signIn(context, name) };
    }
    return open[name].page;
}
const send = (page) => page.locator('main form.form button[data-submit]').first().click();
const said = async (page) => (await page.textContent('main')).replace(/\s+/g, ' ').slice(0, 500);

async function step(name, path, action, fill) {
    const page = await pageOf(name);
    await page.goto(`${path}/do/${action}`);
    await fill?.(page);
    await send(page);
    await page.waitForURL((u) => !u.pathname.includes('/do/'), { timeout: 120000 }).catch(async () => assert.fail(`${action}: ${await said(page)}`));
}
const count = async (query) => (await as.head_orm.all('assessments', `campaign=${campaign}${query}`)).length;

test('the head of operational risk draws up the scope and opens the campaign', async () => {
    const page = await pageOf('head_orm');
    await page.goto('/rcsa_campaigns/new');
    await page.fill('input[name=title]', 'Auto-évaluation de l’essai');
    for (const [name, ago] of [['period_from', 365], ['period_to', 0], ['assess_due', -30]]) await page.fill(`input[name=${name}]`, isoDay(ago));
    await send(page);
    await page.waitForURL(/\/rcsa_campaigns\/RCSA-/).catch(async () => assert.fail(await said(page)));
    campaign = /RCSA-\d{4}-\d+/.exec(page.url())[0];
    await step('head_orm', `/rcsa_campaigns/${campaign}`, 'scope');
    await step('head_orm', `/rcsa_campaigns/${campaign}`, 'open');
    assert.ok(await count('&state=todo') > 200, 'more than 200 risks');
});

// Answers whatever has the focus: the answer that stands there, else the given one, by its digit; texts are typed.
async function answerByKeyboard(page) {
    for (let presses = 0; presses < 4000; presses++) {
        const at = await page.evaluate(() => {
            const e = document.activeElement;
            if (e.type !== 'radio') return { kind: e.type ?? e.tagName, name: e.name, value: e.value };
            const all = [...document.querySelectorAll(`input[name="${CSS.escape(e.name)}"]`)];
            return { kind: 'radio', name: e.name, chosen: all.findIndex((x) => x.checked) };
        });
        if (at.kind === 'radio') await page.keyboard.press(String(/still_true$/.test(at.name) ? 1 : at.chosen >= 0 ? at.chosen + 1 : 2));
        else if (at.kind === 'text') {
            if (!at.value) await page.keyboard.insertText('Un seul fait, traité depuis.');
            await page.keyboard.press('Tab');
        } else if (at.kind === 'submit') return page.keyboard.press('Enter');
        else assert.fail(`the focus is lost: ${JSON.stringify(at)}`);
    }
    return assert.fail('the sheet does not end');
}

// What stands there is confirmed, the rest chosen: the same as the keys do, without waiting for each of them.
const answerAtOnce = (page) => page.evaluate(() => {
    const form = document.querySelector('form.answers'), names = new Set([...form.querySelectorAll('input[type=radio]')].map((x) => x.name));
    for (const name of names) {
        const all = [...form.querySelectorAll(`input[name="${CSS.escape(name)}"]`)];
        if (!all.some((x) => x.checked)) all[name.endsWith('still_true') ? 0 : 1].checked = true;
    }
    for (const x of form.querySelectorAll('input[type=text]')) if (!x.value) x.value = 'Un seul fait, traité depuis.';
});

test('the correspondent answers for a unit with the keyboard alone, for the others at once, and what the losses contradict', async () => {
    const page = await pageOf('corr_north');
    const left = () => page.locator('form.answers input[name$=".version"]').count();
    const unit = `/assess?campaign=${campaign}&unit=AG-MAA`;
    await page.goto(unit);
    const risks = await left();
    assert.ok(risks >= 8, `${risks} risks of the branch`);
    await accessible(page, 'sheet');
    for (let round = 0; round < 3 && await left(); round++) {
        await Promise.all([page.waitForNavigation({ timeout: 60000 }), answerByKeyboard(page)]);
        await page.goto(unit);
    }
    assert.equal(await left(), 0);
    let contradicted = 0;
    for (let round = 0; round < 4; round++) {
        await page.goto(`/assess?campaign=${campaign}`);
        const now = await left();
        if (!now) break;
        if (round === 0) contradicted = await page.locator('form.answers input[name*=".answer"]').count();
        await answerAtOnce(page);
        await Promise.all([page.waitForNavigation({ timeout: 120000 }), send(page)]);
    }
    assert.ok(contradicted > 0, 'some opinions are contradicted by the incidents');
    assert.equal(await count('&state=todo'), 0);
});

test('the analyst agrees to all but one; the head of the units approves; the committee decides what is above the tolerance', async () => {
    const analyst = await pageOf('analyst'), head = await pageOf('head_north');
    const [doubted] = await as.analyst.all('assessments', `campaign=${campaign}&state=submitted`);
    await step('analyst', `/assessments/${doubted.number}`, 'challenge', async (page) => {
        await page.locator('label:has(input[name=opinion][value=disagree])').or(page.locator('select[name=opinion]')).first().click().catch(() => {});
        if (await page.locator('select[name=opinion]').count()) await page.selectOption('select[name=opinion]', 'disagree');
        await page.fill('input[name=challenger_likelihood]', String(doubted.inherent_likelihood));
        await page.fill('input[name=challenger_impact]', String(doubted.inherent_impact));
        await page.fill('textarea[name=challenge_note]', 'Les pertes de l’année disent autre chose.');
    });
    for (const [page, state, action] of [[analyst, 'submitted', 'agree'], [head, 'challenged', 'approve_as_is']]) {
        for (let left = Infinity, now; ; left = now) {
            now = await count(`&state=${state}`);
            if (now === 0 || now >= left) break;
            await page.goto(`/assessments?campaign=${campaign}&state=${state}`);
            await page.locator('[data-all]').check();
            await page.locator(`.bulk-bar button[value="${action}"]`).click();
            await page.waitForURL(/\/assessments/);
            await page.waitForLoadState('load');
        }
    }
    assert.equal(await count('&state=submitted'), 0);
    await step('head_north', `/assessments/${doubted.number}`, 'approve', async (page) => {
        if (await page.locator('select[name=final_choice]').count()) await page.selectOption('select[name=final_choice]', 'challenger');
        else await page.locator('label:has(input[name=final_choice][value=challenger])').click();
    });
    const above = await as.committee.all('assessments', `campaign=${campaign}&state=committee`);
    assert.ok(above.length > 0, 'something is above the tolerance');
    for (const { number } of above) {
        await step('committee', `/assessments/${number}`, 'decide', async (page) => {
            if (await page.locator('select[name=response]').count()) await page.selectOption('select[name=response]', 'reduce');
            else await page.locator('label:has(input[name=response][value=reduce])').click();
            await page.fill('[name=action_note]', 'Tester le contrôle clé sous trois mois.');
        });
    }
});

test('the campaign is published; from the map to the risk, its colour explained, and on to a loss', async () => {
    for (const action of ['challenge', 'approval', 'publish']) await step('head_orm', `/rcsa_campaigns/${campaign}`, action);
    const published = ok(await as.auditor.one('rcsa_campaigns', campaign));
    assert.ok(published.published_count > 200);
    const page = await pageOf('head_orm');
    for (const address of ['/reports/risk-map', `/reports/risk-map?campaign=${campaign}`, '/reports/appetite', '/reports/top-risks', '/reports/risk-controls', '/reports/process-risks', '/reports/risk-changes', '/reports/campaign-progress', '/reports/risk-triggers']) {
        await page.goto(address);
        await accessible(page, address);
        await noOverflow(page, address);
    }
    const lossy = (await as.head_orm.all('incident_risks'))[0];
    const risk = lossy.risk.key ?? lossy.risk;
    await page.goto('/reports/risk-map');
    await page.locator('table.matrix a').first().click();
    await page.waitForURL(/\/risks\?/);
    assert.ok(await page.locator('main table tbody tr').count() > 0);
    await page.goto(`/risks/${risk}`);
    assert.match(await page.textContent('main'), /Pourquoi cette couleur/);
    await page.locator('main a[href^="/incidents/INC-"]').first().click();
    await page.waitForURL(/\/incidents\/INC-/);
    for (const x of Object.values(open)) x.context.clean();
});

test('the Arabic map on a phone reads from right to left', async () => {
    const context = await openContext(browser, s.server, { lang: 'ar', viewport: phone, touch: true });
    const page = await signIn(context, 'analyst');
    await page.goto('/reports/risk-map');
    assert.equal(await page.getAttribute('html', 'dir'), 'rtl');
    const [first, last] = await page.evaluate(() => {
        const heads = [...document.querySelector('table.matrix').querySelectorAll('thead th:not(.corner)')].map((x) => x.getBoundingClientRect().left);
        return [heads[0], heads.at(-1)];
    });
    assert.ok(first > last, 'the lowest impact stands at the right');
    await noOverflow(page, 'map in Arabic on a phone');
    context.clean();
    await context.close();
});
