// journey.test.mjs: a campaign over all risks of the demonstration bank in the browser, by five roles: drawn up and
// opened, answered with the keyboard alone, given an opinion, approved, decided, published; then from the map to a loss.
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, noOverflow, openBrowser, openContext, signIn, small } from '../../../../tests/lib/browser.mjs';
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

// The thirty risks of the demonstration bank, gross then net, in the unit that answers for each.
const bank = [[5, 2, 4, 1], [4, 1, 3, 1], [5, 2, 4, 1], [2, 4, 2, 3], [5, 3, 4, 2], [4, 3, 3, 2], [4, 3, 3, 3], [5, 3, 4, 2], [4, 4, 3, 4], [5, 3, 4, 2], [5, 3, 5, 2], [5, 3, 4, 2], [3, 4, 2, 4], [2, 5, 1, 5], [2, 5, 1, 4],
    [4, 3, 3, 3], [2, 3, 1, 3], [3, 4, 2, 3], [3, 4, 3, 3], [2, 4, 2, 3], [4, 3, 3, 2], [3, 4, 2, 4], [2, 5, 1, 4], [2, 3, 2, 2], [4, 3, 4, 2], [3, 4, 3, 3], [4, 4, 3, 3], [4, 4, 3, 3], [3, 5, 2, 5], [3, 3, 3, 2]];
const homes = 'RES RES RES RES OPS-CHQ OPS-CHQ JUR OPS-VIR OPS-VIR TDI SI-MON OPS-CRD RES OPS-CRD MAR OPS-MAR F-BTA OPS-ETR OPS-CRD RCL RES ENT CO RSK-CR RH LOG SI-PRO SI-PRO SSI LOG'.split(' ');
test('the demonstration bank’s gross and net ratings come out of the method for its thirty risks', async () => {
    const key = (x) => x?.key ?? x, risks = await as.head_orm.all('risks'), [first] = await as.head_orm.all('rcsa_campaigns', 'state=published&sort=id');
    const rated = new Map((await as.head_orm.all('assessments', `campaign=${first.number}`)).map((a) => [key(a.risk), a]));
    for (const [i, want] of bank.entries()) {
        const code = `R${String(i + 1).padStart(2, '0')}`, risk = risks.find((r) => key(r.definition) === code && key(r.unit) === homes[i]);
        const a = rated.get(risk?.number);
        assert.deepEqual(a && [a.inherent_likelihood, a.inherent_impact, a.residual_likelihood, a.residual_impact], want, code);
    }
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
    assert.ok(above.length > 1, 'something is above the tolerance');
    const [borne, treated, ...others] = above.map((a) => a.number);
    const choose = async (page, value) => {
        if (await page.locator('select[name=response]').count()) await page.selectOption('select[name=response]', value);
        else await page.locator(`label:has(input[name=response][value=${value}])`).click();
    };
    await step('committee', `/assessments/${borne}`, 'decide', async (page) => {
        await choose(page, 'accept');
        await page.fill('[name=decision_note]', 'Le coût d’un contrôle de plus dépasse la perte attendue.');
        await page.fill('[name=accepted_until]', isoDay(-200));
    });
    await step('committee', `/assessments/${treated}`, 'decide', async (page) => {
        await choose(page, 'reduce');
        await page.fill('[name=action_note]', 'Tester le contrôle clé sous trois mois.');
    });
    for (const number of others) ok(await as.committee.move('assessments', number, 'decide', { response: 'reduce', action_note: 'Tester le contrôle clé.' }));
    const [accepted, acted] = [ok(await as.committee.one('assessments', borne)), ok(await as.committee.one('assessments', treated))];
    const acceptance = ok(await as.head_orm.one('risk_acceptances', accepted.acceptance.key ?? accepted.acceptance));
    assert.deepEqual([acceptance.state, acceptance.expires_on], ['active', isoDay(-200)]);
    const action = ok(await as.head_orm.one('actions', acted.action.key ?? acted.action));
    assert.equal(action.state, 'planned');
    assert.equal((await as.head_orm.all('issues', `source_reference=${treated}`)).length, 1, 'the action answers an issue of the assessment');
});

test('the campaign is published; from the map to the risk, its colour explained, and on to a loss', async () => {
    for (const action of ['challenge', 'approval', 'publish']) await step('head_orm', `/rcsa_campaigns/${campaign}`, action);
    const published = ok(await as.auditor.one('rcsa_campaigns', campaign));
    assert.ok(published.published_count > 200);
    const page = await pageOf('head_orm');
    for (const address of [`/reports/risk-map?campaign=${campaign}`, '/reports/risk-changes']) {
        await page.goto(address);
        await accessible(page, address);
    }
    // A risk with losses, of the place on the map that holds the fewest.
    const lossy = new Set((await as.head_orm.all('incident_risks')).map((x) => x.risk.key ?? x.risk)), risks = await as.head_orm.all('risks', 'state.in=active,dormant');
    const place = (r) => `residual_likelihood=${r.residual_likelihood}&residual_impact=${r.residual_impact}`;
    const crowd = (r) => risks.filter((x) => place(x) === place(r)).length;
    const [risk] = risks.filter((r) => lossy.has(r.number) && r.residual_level).sort((x, y) => crowd(x) - crowd(y));
    await page.goto('/reports/risk-map');
    await page.locator(`table.matrix a[href$="${place(risk)}"]`).first().click();
    await page.waitForURL(/\/risks\?/);
    await page.locator(`main a[href="/risks/${risk.number}"]`).first().click();
    await page.waitForURL(/\/risks\/RSK-/);
    assert.match(await page.textContent('main'), /Pourquoi cette couleur/);
    const to = await page.locator('#losses a[href^="/financial_entries/"]').first().getAttribute('href');
    await page.locator('#losses a[href^="/incidents/INC-"]').first().click();
    await page.waitForURL(/\/incidents\/INC-/);
    await page.goto(to);
    assert.match(await page.textContent('h1, .eyebrow, main'), /FIN-/);
    for (const x of Object.values(open)) x.context.clean();
});

test('in Arabic on a phone the map reads from right to left, and no page is wider than it', async () => {
    const context = await openContext(browser, s.server, { lang: 'ar', theme: 'dark', viewport: small, touch: true });
    const page = await signIn(context, 'head_orm');
    const [risk] = await as.head_orm.all('risks', 'sort=-residual_level'), [method] = await as.head_orm.all('rcsa_methods', 'code=BANK5');
    for (const address of ['/reports/risk-map', '/reports/appetite', '/reports/top-risks', '/reports/risk-controls', '/reports/process-risks', '/reports/risk-changes', '/reports/campaign-progress', '/reports/risk-triggers', `/risks/${risk.number}`, `/rcsa_campaigns/${campaign}`, `/rcsa_methods/${method.number}`]) {
        await page.goto(address);
        await noOverflow(page, address);
        if (address !== '/reports/risk-map') continue;
        assert.equal(await page.getAttribute('html', 'dir'), 'rtl');
        const [first, last] = await page.evaluate(() => {
            const heads = [...document.querySelector('table.matrix').querySelectorAll('thead th:not(.corner)')].map((x) => x.getBoundingClientRect().left);
            return [heads[0], heads.at(-1)];
        });
        assert.ok(first > last, 'the lowest impact stands at the right');
        await page.emulateMedia({ media: 'print' });
        assert.ok(await page.locator('table.matrix').count() >= 2 && await page.locator('nav.rail:visible, .toolbar:visible').count() === 0, 'the map goes on paper, without what is pressed');
        await page.emulateMedia({ media: 'screen' });
    }
    context.clean();
    await context.close();
});
