// campaign.test.mjs: a campaign over HTTP by five roles, from the scope to the published ratings; contradictions come
// from real incidents; the risk map opens what it counts; a restricted incident never shows in a figure.
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, ok, refused } from '../../../../tests/lib/client.mjs';
import { readCsv } from '../../../../tests/lib/csv.mjs';
import { must, start } from '../../../../tests/lib/server.mjs';
import { email, everybody, incidentIn, isoDay, lists } from '../../../../tests/lib/world.mjs';

let s, as, l, control, risk, plain, other, campaign;
const get = async (types, number, who = 'analyst') => ok(await as[who].one(types, number));
const move = async (who, types, number, step, json) => ok(await as[who].move(types, number, step, json));
const change = async (who, types, number, json) => ok(await as[who].patch(types, number, (await get(types, number, who)).version, json));
const day = (ahead) => isoDay(-ahead);

const makeRisk = async (unit, definition, extra = {}) => {
    const number = ok(await as.analyst.create('risks', { definition, unit, process: 'TPROC', ...extra }), 201).number;
    await move('analyst2', 'risks', number, 'confirm');
    return number;
};
const link = async (incident, who = 'corr_north') => ok(await as[who].create('incident_risks', { incident, risk }), 201).number;

before(async () => {
    s = await start('bank');
    as = everybody(s.server, s.world);
    l = await lists(as.analyst);
    control = ok(await as.analyst.create('controls', { definition: 'C09', unit: 'TN1' }), 201).number;
    risk = await makeRisk('TN1', 'R08', { controls: [{ control }] });
    plain = await makeRisk('TN1', 'R07');
    other = await makeRisk('TS1', 'R08');
    for (let i = 0; i < 4; i++) await link(await incidentIn('review', as, l, { amount: '77500.00' }));
});
after(() => s?.end());

const assessmentOf = async (of) => (await as.analyst.all('assessments', `campaign=${campaign}`)).find((a) => a.risk.key === of || a.risk === of)?.number;

test('the libraries and the methods are there in three languages', async () => {
    const definitions = await as.analyst.all('risk_definitions');
    assert.ok(definitions.length >= 42 && definitions.every((d) => d.name_fr && d.name_en && d.name_ar));
    const methods = await as.analyst.all('rcsa_methods');
    assert.deepEqual([...new Set(methods.filter((m) => m.state === 'published').map((m) => m.code))].sort(), ['BANK4', 'BANK5', 'TPME5']);
});

test('a campaign draws up its scope and asks the correspondents of each side', async () => {
    campaign = ok(await as.head_orm.create('rcsa_campaigns', { title: 'Essai', period_from: day(-365), period_to: day(0), assess_due: day(30) }), 201).number;
    refused(await as.corr_north.move('rcsa_campaigns', campaign, 'scope'), 403);
    await move('head_orm', 'rcsa_campaigns', campaign, 'scope');
    await move('head_orm', 'rcsa_campaigns', campaign, 'open');
    assert.equal((await as.analyst.all('assessments', `campaign=${campaign}`)).length, 3);
    assert.equal((await as.corr_north.all('assessments', `campaign=${campaign}`)).length, 2);
    assert.equal((await as.corr_south.all('assessments', `campaign=${campaign}`)).length, 1);
    refused(await as.corr_south.one('assessments', await assessmentOf(risk)), 404);
});

test('who answers for a unit is asked once for it, and cannot call it done before it is', async () => {
    const asked = (await as.corr_north.all('assignments', 'state=open')).filter((a) => a.source_number === campaign);
    assert.equal(asked.length, 1, 'one for the unit, not one a risk');
    const first = await get('assessments', await assessmentOf(risk)), second = await get('assessments', await assessmentOf(plain));
    assert.equal(first.assignment.key ?? first.assignment, asked[0].number);
    assert.equal(second.assignment.key ?? second.assignment, asked[0].number);
    refused(await as.corr_north.move('assignments', asked[0].number, 'answer', { result: 'done' }), 422);
    const page = await as.corr_north.get(`/assignments/${asked[0].number}`, { accept: 'text/html' });
    const home = await as.corr_north.get('/', { accept: 'text/html' });
    assert.match(home.text, new RegExp(`href="/assess\\?campaign=${campaign}&amp;unit=TN1"`), 'the step in My work leads to the sheet');
    assert.match(page.text, new RegExp(`href="/assess\\?campaign=${campaign}&amp;unit=TN1"`), 'the way to the sheet');
    const later = await change('head_orm', 'rcsa_campaigns', campaign, { assess_due: day(40) });
    assert.equal(later.assess_due, day(40));
    assert.equal(ok(await as.corr_north.one('assignments', asked[0].number)).due_on, day(40));
    assert.equal((await get('assessments', await assessmentOf(risk))).due_on, day(40));
});

test('the first line answers; what the losses contradict must be answered first', async () => {
    const number = await assessmentOf(risk);
    const before = await get('assessments', number);
    assert.equal(before.losses, 4);
    assert.deepEqual(before.losses_gross, { amount: '310000.00', currency: 'MAD' });
    refused(await as.corr_north.move('assessments', number, 'submit'), 422, 'still_true');
    const answered = await change('corr_north', 'assessments', number, {
        still_true: 'yes', inherent_likelihood: 4, inherent_impact: 3,
        controls: [{ control, design: 'effective', operation: 'effective' }],
    });
    assert.equal(answered.effectiveness, 'effective');
    assert.ok(Number(answered.residual_level) < Number(answered.inherent_level));
    assert.ok(answered.contradictions.length > 0);
    refused(await as.corr_north.move('assessments', number, 'submit'), 422, 'contradictions');
    refused(await as.corr_north.patch('assessments', number, answered.version, { override_likelihood: 5, override_reason: 'Non' }), 422, 'override_likelihood');
    refused(await as.corr_north.patch('assessments', number, answered.version, { override_likelihood: 1 }), 422, 'override_reason');
    await change('corr_north', 'assessments', number, { contradictions: answered.contradictions.map((x) => ({ rule: x.rule, answer: 'Un seul fait, traité depuis.' })) });
    assert.equal((await move('corr_north', 'assessments', number, 'submit')).state, 'submitted');
    refused(await as.corr_north.move('assessments', number, 'agree'), 403);
});

test('the sheet holds the whole unit, keeps what is answered and submits what is complete', async () => {
    const page = await as.corr_north.get('/assess', { accept: 'text/html' });
    assert.equal(page.status, 200);
    assert.ok(page.text.includes(plain) && !page.text.includes(other));
    const number = await assessmentOf(plain);
    const id = /name="(a\d+)\.version"/.exec(page.text)[1];
    const version = (await get('assessments', number)).version;
    const bad = await as.corr_north.request('POST', '/assess', { json: { campaign, [`${id}.version`]: String(version), [`${id}.still_true`]: 'perhaps' }, accept: 'application/json' });
    refused(bad, 422, `${id}.still_true`);
    const reply = await as.corr_north.request('POST', '/assess', {
        json: { campaign, [`${id}.version`]: String(version), [`${id}.still_true`]: 'yes', [`${id}.inherent_likelihood`]: '3', [`${id}.inherent_impact`]: '4' }, accept: 'application/json',
    });
    assert.ok([200, 303].includes(reply.status), reply.text);
    const now = await get('assessments', number);
    assert.equal(now.state, 'submitted');
    assert.equal(now.effectiveness, 'none');
    assert.equal(now.residual_level, now.inherent_level);
    const lot = ok(await as.corr_north.one('assignments', now.assignment.key ?? now.assignment));
    assert.equal(lot.state, 'done', 'the last answer ends it');
    assert.equal(lot.on_time, true);
});

test('the second line keeps its own rating beside, the head decides, the campaign is published and sealed', async () => {
    const [first, second, third] = [await assessmentOf(risk), await assessmentOf(plain), await assessmentOf(other)];
    refused(await as.analyst.move('assessments', first, 'challenge', { opinion: 'disagree' }), 422, 'challenger_likelihood');
    const challenged = await move('analyst', 'assessments', first, 'challenge', { opinion: 'disagree', challenger_likelihood: 4, challenger_impact: 3, challenge_note: 'Quatre pertes.' });
    assert.notEqual(challenged.challenger_level, challenged.residual_level);
    refused(await as.head_north.move('assessments', first, 'approve', { response: 'reduce' }), 422, 'final_choice');
    await move('head_north', 'assessments', first, 'approve', { final_choice: 'challenger', response: 'reduce' });
    await move('analyst', 'assessments', second, 'agree');
    await move('head_north', 'assessments', second, 'approve');
    await move('head_orm', 'rcsa_campaigns', campaign, 'challenge');
    await move('head_orm', 'rcsa_campaigns', campaign, 'approval');
    refused(await as.head_orm.move('rcsa_campaigns', campaign, 'publish'), 422);
    await move('head_orm', 'assessments', third, 'leave_out', { reason: 'Hors période' });
    await move('head_orm', 'rcsa_campaigns', campaign, 'publish');
    const published = await get('rcsa_campaigns', campaign, 'auditor');
    assert.equal(published.published_count, 2);
    assert.match(published.snapshot, /^[0-9a-f]{64}$/);
    const rated = await get('risks', risk);
    assert.equal(rated.residual_likelihood, 4);
    assert.equal((await get('controls', control)).operation, 'effective');
    refused(await as.corr_north.patch('assessments', first, (await get('assessments', first)).version, { comment: 'Plus tard' }), 403);
});

test('each place of the map opens as many risks as it counts; Arabic reads from right to left', async () => {
    for (const who of ['analyst', 'corr_north', 'corr_south']) {
        for (const query of ['', `?campaign=${campaign}`, `?campaign=${campaign}&category=RC7`, `?campaign=${campaign}&process=TPROC`, '?unit=TN1', '?category=RC7']) {
            const map = await as[who].get(`/reports/risk-map${query}`, { accept: 'text/html' });
            assert.equal(map.status, 200);
            const places = [...map.text.matchAll(/<a href="(\/(?:risks|assessments)\?[^"]*)"><b>(\d+)<\/b>/g)];
            if (who !== 'corr_south') assert.ok(places.length > 0, `places with risks: ${who} ${query}`);
            for (const [, href, count] of places) {
                const found = await as[who].all(...href.replaceAll('&amp;', '&').slice(1).split('?'));
                assert.equal(found.length, Number(count), `${who} ${href}`);
            }
        }
    }
    const page = await new Client(s.server, { token: s.world.tokens.analyst, lang: 'ar' }).get('/reports/risk-map', { accept: 'text/html' });
    assert.match(page.text, /<html[^>]*dir="rtl"/);
    refused(await as.analyst.get('/reports/risk-map?unit=NOWHERE', { accept: 'application/json' }), 422, 'unit');
});

test('all reports answer for all readers, and to nobody else', async () => {
    const pages = ['risk-map', 'appetite', 'top-risks', 'process-risks', 'risk-controls', 'risk-changes', 'campaign-progress', 'risk-triggers'];
    for (const page of pages) {
        for (const who of ['analyst', 'corr_north', 'committee', 'auditor']) {
            assert.equal((await as[who].get(`/reports/${page}`, { accept: 'text/html' })).status, 200, `${page} ${who}`);
            assert.equal((await as[who].get(`/reports/${page}?as_of=2020-01-01`, { accept: 'text/html' })).status, 200, `${page} ${who} in the past`);
        }
        assert.ok([403, 404].includes((await as.plain.get(`/reports/${page}`, { accept: 'text/html' })).status), page);
    }
    assert.ok((await as.analyst.get(`/risks/${risk}`, { accept: 'text/html' })).text.includes('Why this colour'));
});

test('the figures kept open as many records as they count, and equal the records', async () => {
    for (const name of ['risks', 'assessments']) {
        for (const query of ['rows=residual_level&columns=unit', 'rows=risk_category&columns=residual_level', 'rows=month&columns=appetite_position']) {
            const page = await as.analyst.get(`/measures/${name}?${query}`, { accept: 'text/html' });
            const cells = [...page.text.matchAll(/<a href="(\/(?:risks|assessments)\?[^"]*)"[^>]*>(?:<b>(\d+)<\/b>|.*?<small>(\d+))/g)].map(([, href, a, b]) => ['', href, a ?? b]);
            assert.ok(cells.length > 0, `${name} ${query} ${page.text.slice(page.text.indexOf('<table'), page.text.indexOf('<table') + 1500)}`);
            for (const [, href, count] of cells) assert.equal((await as.analyst.all(...href.replaceAll('&amp;', '&').slice(1).split('?'))).length, Number(count), href);
        }
    }
    assert.equal((await must(s.db, ['measures', 'check', '--json'])).ok, true);
    const past = ok(await as.analyst.get('/api/v1/measures/risks?rows=residual_level&as_of=2020-01-01'));
    assert.equal(past.cells?.flat().length ?? 0, 0, 'nothing was rated then');
});

test('what happened stands beside the question: near misses, indicators, failed tests, actions; and contradicts', async () => {
    const near = await incidentIn('review', as, l, { amount: null });
    await change('analyst', 'incidents', near, { event_kind: 'near_miss' });
    await link(near);
    for (const [definition, value] of [['K13', '99.2'], ['K14', '96']]) {
        const number = ok(await as.analyst.create('indicators', { definition, unit: 'TN1', provider: email('corr_north'), reviewer: email('analyst2'), active_from: '2024-01-01', risks: [risk] }), 201).number;
        const period = new Date(Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth() - 1, 1)).toISOString().slice(0, 7);
        const values = [{ code: definition, unit: 'TN1', period, value }];
        assert.ok([200, 303].includes((await as.corr_north.request('POST', '/indicator-push', { json: { values }, headers: { 'idempotency-key': `evidence-${definition}`, accept: 'application/json' } })).status));
        assert.equal((await get('indicators', number)).colour, definition === 'K13' ? 'red' : 'amber');
    }
    const issue = ok(await as.analyst.create('issues', { title: 'Contre-appel omis', description: 'Vu deux fois.', source: 'self', unit: 'TN1', owner: email('head_north'), likelihood: '3', impact: '3', target_on: day(60), identified_on: day(-40), risks: [risk] }), 201).number;
    await move('analyst', 'issues', issue, 'open');
    for (const due of [day(30), day(-3)]) ok(await as.analyst.create('actions', { issues: [issue], title: 'Tester', deliverable: 'Test écrit', owner: email('head_north'), unit: 'TN1', due_on: due }), 201);
    await change('analyst', 'controls', control, { last_test_on: day(-2), last_test_result: 'failed' });
    const spot = ok(await as.head_orm.create('rcsa_campaigns', { title: 'Ponctuelle', kind: 'exception', period_from: day(-365), period_to: day(0), assess_due: day(30) }), 201).number;
    await move('head_orm', 'rcsa_campaigns', spot, 'scope');
    await move('head_orm', 'rcsa_campaigns', spot, 'open');
    const found = (await as.analyst.all('assessments', `campaign=${spot}`)).find((a) => (a.risk.key ?? a.risk) === risk);
    assert.ok(found, 'a campaign by exception takes it');
    const a = await get('assessments', found.number);
    assert.deepEqual([a.losses, a.near_misses, a.red_indicators, a.amber_indicators, a.open_actions, a.overdue_actions, a.failed_tests], [4, 1, 1, 1, 2, 1, 1]);
    // What the list shows beside the ratings is in its exports too, in the API and in CSV.
    const row = (await as.analyst.all('risks')).find((r) => r.number === risk);
    assert.deepEqual([row.open_actions, row.losses_12], [2, { amount: '310000.00', currency: 'MAD' }]);
    const csv = readCsv((await as.corr_north.get('/risks.csv', { accept: 'text/csv' })).text);
    const line = csv.find((r) => r.number === risk);
    assert.deepEqual([line.open_actions, line['losses_12.amount'], line['losses_12.currency']], ['2', '310000.00', 'MAD']);
    assert.ok(csv.length > 1 && csv.every((r) => /^\d+$/.test(r.open_actions)), 'each line has its own');
    assert.ok(!csv.some((r) => r.number === other), 'and only lines of one\'s own side');
    const sheet = (await as.corr_north.get(`/assess?campaign=${spot}&unit=TN1`, { accept: 'text/html' })).text;
    for (const words of ['near misses 1', 'open actions 2', 'Indicators in the red: 1, in the amber: 1', 'last test failed: 1', 'Overdue actions: 1']) assert.ok(sheet.includes(words), words);
    const said = await change('corr_north', 'assessments', found.number, { still_true: 'yes', inherent_likelihood: 2, inherent_impact: 1, controls: [{ control, design: 'effective', operation: 'effective' }] });
    const rules = said.contradictions.map((x) => x.rule).sort();
    for (const rule of ['low_but_losses', 'likelihood_below', 'impact_below', 'effective_failed', 'low_but_actions', 'low_but_red']) assert.ok(rules.includes(rule), `${rule} in ${rules}`);
    await move('head_orm', 'rcsa_campaigns', spot, 'cancel', { reason: 'Essai fini' });
});

test('a restricted incident counts in no assessment', async () => {
    const secret = await incidentIn('declared', as, l, { extra: { manager_involved: true, pattern: 'I09' } });
    ok(await as.inspection.create('incident_risks', { incident: secret, risk }), 201);
    const next = ok(await as.head_orm.create('rcsa_campaigns', { title: 'Suite', kind: 'full', period_from: day(-365), period_to: day(0), assess_due: day(30) }), 201).number;
    await move('head_orm', 'rcsa_campaigns', next, 'scope');
    await move('head_orm', 'rcsa_campaigns', next, 'open');
    const again = (await as.analyst.all('assessments', `campaign=${next}`)).find((a) => (a.risk.key ?? a.risk) === risk);
    assert.equal(again.losses, 4);
    assert.equal(again.inherent_likelihood, 4, 'the last answers, to be confirmed');
    assert.equal(again.still_true, null);
});

test('a method changes by a new version that a second person publishes after a dry run', async () => {
    const old = (await as.methodology.all('rcsa_methods', 'code=BANK5')).find((m) => m.state === 'published');
    const made = await as.methodology.request('POST', '/rcsa/new-version', { json: { of: old.number }, accept: 'application/json', headers: { 'idempotency-key': 'version' } });
    assert.ok([200, 303].includes(made.status), made.text);
    const next = (await as.methodology.all('rcsa_methods', 'code=BANK5')).find((m) => m.state === 'draft');
    assert.equal(next.edition, old.edition + 1);
    const tried = await move('methodology', 'rcsa_methods', next.number, 'try');
    assert.ok(tried.trial_total > 0);
    refused(await as.methodology.move('rcsa_methods', next.number, 'publish'), 403);
    await move('methodology2', 'rcsa_methods', next.number, 'publish');
    assert.equal((await get('rcsa_methods', old.number)).state, 'superseded');
    assert.equal((await must(s.db, ['audit', 'verify', '--json'])).ok, true);
});

test('many at once: the second line agrees, the head approves, the committee decides what is above the tolerance', async () => {
    const category = (await get('risks', plain)).risk_category;
    const limit = ok(await as.head_orm.create('appetites', { title: 'Limite', risk_category: category.key ?? category, measure: 'residual_level', appetite_level: '1', tolerance_level: '2', valid_from: day(-30) }), 201).number;
    await move('committee', 'appetites', limit, 'approve');
    const last = ok(await as.head_orm.create('rcsa_campaigns', { title: 'Comité', kind: 'full', period_from: day(-365), period_to: day(0), assess_due: day(30) }), 201).number;
    await move('head_orm', 'rcsa_campaigns', last, 'scope');
    await move('head_orm', 'rcsa_campaigns', last, 'open');
    const all = await as.analyst.all('assessments', `campaign=${last}`), mine = all.find((a) => (a.risk.key ?? a.risk) === plain).number;
    for (const a of all) if (a.number !== mine) await move('head_orm', 'assessments', a.number, 'leave_out', { reason: 'Autre campagne' });
    const said = await change('corr_north', 'assessments', mine, { still_true: 'yes', inherent_likelihood: 3, inherent_impact: 4 });
    if (said.contradictions?.length) await change('corr_north', 'assessments', mine, { contradictions: said.contradictions.map((x) => ({ rule: x.rule, answer: 'Fait unique.' })) });
    await move('corr_north', 'assessments', mine, 'submit');
    for (const [who, step, state] of [['analyst', 'agree', 'challenged'], ['head_north', 'approve_as_is', 'committee']]) {
        const reply = await as[who].request('POST', '/assessments/bulk', { json: { do: step, number: mine }, accept: 'application/json' });
        assert.ok([200, 303].includes(reply.status), reply.text);
        assert.equal((await get('assessments', mine)).state, state);
    }
    refused(await as.committee.move('assessments', mine, 'decide', { response: 'accept' }), 422);
    await move('committee', 'assessments', mine, 'decide', { response: 'accept', decision_note: 'Trop cher.', accepted_until: day(200) });
    for (const step of ['challenge', 'approval', 'publish']) await move('head_orm', 'rcsa_campaigns', last, step);
    assert.equal((await get('risks', plain)).accepted_until, day(200));
});
