// workflow.test.mjs: the incident from draft to closed by the right people, refused to the wrong ones: roles,
// four eyes, reasons, what each state requires, limits by amount, closing and reopening, sums of entries.
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ok, refused } from '../lib/client.mjs';
import { loadModel } from '../lib/model.mjs';
import { must, start } from '../lib/server.mjs';
import { assessment, draft, everybody, incidentIn, isoDay, lists, people, qualification, required } from '../lib/world.mjs';

let s, as, l;
before(async () => {
    s = await start('bank');
    as = everybody(s.server, s.world);
    l = await lists(as.analyst);
    for (const [name, value] of Object.entries(l)) assert.ok(value, `there is no ${name}`);
});
after(() => s?.end());

const get = async (number, who = as.head_orm) => ok(await who.one('incidents', number));
const stateOf = async (number) => (await get(number)).state;
const entry = (number, kind, amount, extra = {}) => ({ incident: number, kind, amount: { amount, currency: 'MAD' }, status: 'booked', booked_on: isoDay(2), ...extra });
const accepted = async (number, kind, amount, extra) => {
    const made = ok(await as.corr_north.create('financial_entries', entry(number, kind, amount, extra)), 201);
    ok(await as.finance.move('financial_entries', made.number, 'accept'));
    return made.number;
};

test('from draft to closed, each step by the right person', async () => {
    const number = await incidentIn('review', as, l, { amount: '900000.00' });
    ok(await as.analyst.patch('incidents', number, (await get(number)).version, assessment));
    const validated = ok(await as.analyst.move('incidents', number, 'validate'));
    assert.equal(validated.state, 'approval', 'an amount needs an approval');
    ok(await as.head_orm.move('incidents', number, 'approve'));
    assert.equal(await stateOf(number), 'open');
    ok(await as.corr_north.move('incidents', number, 'propose_closure'));
    const closed = ok(await as.analyst.move('incidents', number, 'close'));
    assert.equal(closed.state, 'closed');
    assert.equal(closed.closed_on, isoDay(0));
    const history = ok(await as.auditor.get(`/api/v1/incidents/${number}/history`)).items;
    const who = history.map((i) => i.who).join(' ');
    for (const name of ['plain', 'corr_north', 'analyst', 'head_orm']) assert.ok(who.includes(name), name);
});

test('nobody else may take a step', async () => {
    const steps = {
        draft: [['submit', ['plain', 'corr_north', 'analyst', 'analyst2', 'inspection', 'inspection2']], ['discard', ['plain', 'analyst', 'analyst2', 'inspection', 'inspection2']]],
        declared: [['confirm', ['head_north', 'corr_north', 'inspection', 'inspection2']], ['not_event', ['head_north', 'corr_north', 'inspection', 'inspection2']], ['ask', ['head_north', 'corr_north', 'inspection', 'inspection2']]],
        qualification: [['send', ['corr_north', 'inspection', 'inspection2']], ['cancel', ['corr_north', 'analyst', 'analyst2', 'head_orm', 'inspection', 'inspection2']]],
        review: [['validate', ['analyst', 'analyst2', 'head_orm', 'inspection', 'inspection2']], ['return', ['analyst', 'analyst2', 'head_orm', 'inspection', 'inspection2']]],
        approval: [['approve', ['head_north', 'head_orm', 'committee', 'inspection', 'inspection2']], ['reject', ['head_north', 'head_orm', 'committee', 'inspection', 'inspection2']]],
        open: [['propose_closure', ['corr_north', 'finance', 'finance2', 'analyst', 'analyst2', 'inspection', 'inspection2']]],
        closure: [['close', ['analyst', 'analyst2', 'head_orm', 'inspection', 'inspection2']], ['keep_open', ['analyst', 'analyst2', 'head_orm', 'inspection', 'inspection2']]],
        closed: [['reopen', ['analyst', 'analyst2', 'head_orm', 'finance', 'finance2', 'inspection', 'inspection2']]],
    };
    const transitions = (await loadModel(s.db)).type('incident').transitions;
    const fromOf = (step) => transitions.find((t) => t.name === step).from.split(' ');
    for (const [state, list] of Object.entries(steps)) {
        const number = await incidentIn(state, as, l);
        assert.equal(await stateOf(number), state);
        const before = await get(number);
        for (const [step, allowed] of list) {
            for (const name of Object.keys(people)) {
                if (allowed.includes(name)) continue;
                const reply = await as[name].move('incidents', number, step, { reason: 'Essai par la mauvaise personne' });
                assert.ok([403, 404].includes(reply.status), `${step} by ${name} in ${state}: ${reply.status} ${reply.text.slice(0, 200)}`);
            }
        }
        assert.deepEqual(await get(number), before, `${state}: nothing may have changed`);
        for (const other of Object.keys(steps)) {
            if (other === state) continue;
            for (const [step] of steps[other]) {
                if (list.some(([own]) => own === step) || fromOf(step).includes(state)) continue;
                const reply = await as.inspection.move('incidents', number, step, { reason: 'Pas dans cet état' });
                assert.equal(reply.status, 409, `${step} in ${state}: ${reply.status}`);
            }
        }
    }
});

test('four eyes: who created or moved it does not confirm, validate, approve or close it', async () => {
    const own = ok(await as.corr_north.create('incidents', draft({ unit: 'TN1' })), 201).number;
    ok(await as.corr_north.move('incidents', own, 'submit'));
    refused(await as.corr_north.move('incidents', own, 'confirm'), 403);
    refused(await as.corr_north.move('incidents', own, 'not_event', { reason: 'Erreur' }), 403);
    ok(await as.head_north.move('incidents', own, 'confirm'));

    const sent = await incidentIn('qualification', as, l);
    ok(await as.inspection.patch('incidents', sent, (await get(sent)).version, { ...qualification(l), ...assessment }));
    ok(await as.inspection.move('incidents', sent, 'send'));
    refused(await as.inspection.move('incidents', sent, 'validate'), 403);
    ok(await as.analyst.move('incidents', sent, 'validate'));

    const approval = await incidentIn('review', as, l, { amount: '900000.00' });
    ok(await as.head_orm.patch('incidents', approval, (await get(approval)).version, assessment));
    assert.equal(ok(await as.head_orm.move('incidents', approval, 'validate')).state, 'approval');
    refused(await as.head_orm.move('incidents', approval, 'approve'), 403);
    ok(await as.committee.move('incidents', approval, 'approve'));

    const closing = await incidentIn('open', as, l);
    ok(await as.analyst.move('incidents', closing, 'propose_closure'));
    refused(await as.analyst.move('incidents', closing, 'close'), 403);
    ok(await as.analyst2.move('incidents', closing, 'close'));
});

test('a financial entry is accepted by another than who wrote or changed it', async () => {
    const number = await incidentIn('qualification', as, l);
    const made = ok(await as.finance.create('financial_entries', entry(number, 'direct_loss', '700.00')), 201).number;
    refused(await as.finance.move('financial_entries', made, 'accept'), 403);
    refused(await as.corr_north.move('financial_entries', made, 'accept'), 403);
    refused(await as.plain.move('financial_entries', made, 'accept'), 404);
    const changed = ok(await as.finance2.patch('financial_entries', made, 1, { amount: { amount: '800.00', currency: 'MAD' } }));
    assert.equal(changed.amount.amount, '800.00');
    refused(await as.finance2.move('financial_entries', made, 'accept'), 403);
    ok(await as.analyst.move('financial_entries', made, 'accept'));
    refused(await as.finance.patch('financial_entries', made, (ok(await as.finance.one('financial_entries', made))).version, { amount: { amount: '1.00', currency: 'MAD' } }), 403);
    assert.equal((await get(number)).gross.amount, '800.00');
});

test('a step that demands a reason is refused without one', async () => {
    const number = await incidentIn('declared', as, l);
    for (const body of [{}, { reason: '' }, { reason: '   ' }]) refused(await as.corr_north.move('incidents', number, 'ask', body), 422, 'reason');
    assert.equal(await stateOf(number), 'declared');
    refused(await as.corr_north.move('incidents', number, 'ask', { reason: 'x'.repeat(5000) }), 422, 'reason');
    refused(await as.corr_north.move('incidents', number, 'ask', { reason: 'Ok', title: 'en passant' }), 422, 'title');
    ok(await as.corr_north.move('incidents', number, 'ask', { reason: 'Merci de préciser' }));
});

test('each state requires its fields before it is left, and names them', async () => {
    const number = ok(await as.plain.create('incidents', { title: 'Presque vide', discovered_on: isoDay(1) }), 201).number;
    for (const field of ['description', 'amount_range']) refused(await as.plain.move('incidents', number, 'submit'), 422, field);
    ok(await as.plain.patch('incidents', number, 1, { description: 'Suite.', amount_range: 'unknown' }));
    ok(await as.plain.move('incidents', number, 'submit'));
    ok(await as.head_north.move('incidents', number, 'confirm'));
    for (const field of ['occurred_on', 'process', 'event_type', 'business_line', 'causes']) refused(await as.corr_north.move('incidents', number, 'send'), 422, field);
    ok(await as.corr_north.patch('incidents', number, (await get(number)).version, qualification(l, { occurred_on: isoDay(4) })));
    ok(await as.corr_north.move('incidents', number, 'send'));
    for (const field of ['impact_client', 'controls_failed']) refused(await as.analyst.move('incidents', number, 'validate'), 422, field);
    ok(await as.analyst.patch('incidents', number, (await get(number)).version, assessment));
    ok(await as.analyst.move('incidents', number, 'validate'));
});

test('who may approve depends on the amount', async () => {
    const limits = (await as.methodology.all('approval_limits')).filter((x) => x.state === 'active' && x.measure === 'gross');
    const limit = (role) => {
        const own = limits.filter((x) => x.role === role);
        if (own.some((x) => !x.up_to)) return Infinity;
        return own.length ? Math.max(...own.map((x) => Number(x.up_to.amount))) : 0;
    };
    const approvers = [['head_north', limit('unit_head')], ['head_orm', limit('head_orm')], ['committee', limit('committee')]];
    assert.ok(approvers.some(([, x]) => x > 0 && x < Infinity), `a limit that can be passed: ${JSON.stringify(limits)}`);
    const finite = [...new Set(approvers.map(([, x]) => x).filter((x) => x > 0 && x < Infinity))];
    for (const bound of finite) {
        for (const [amount, over] of [[bound, false], [bound + 0.01, true]]) {
            const number = await incidentIn('approval', as, l, { amount: amount.toFixed(2) });
            if (await stateOf(number) !== 'approval') continue;
            for (const [name, own] of approvers) {
                if (own >= amount) continue;
                refused(await as[name].move('incidents', number, 'approve'), 403);
            }
            const able = approvers.find(([, own]) => own >= amount);
            if (able) ok(await as[able[0]].move('incidents', number, 'approve'));
            else assert.ok(over);
        }
    }
});

test('an amount above what was approved goes back to approval', async () => {
    const number = await incidentIn('open', as, l, { amount: '12000.00' });
    await accepted(number, 'direct_loss', '9000000.00');
    assert.equal(await stateOf(number), 'approval');
    const history = ok(await as.auditor.get(`/api/v1/incidents/${number}/history`)).items;
    assert.ok(history.some((i) => i.changes.some((c) => c.field === 'state' && c.before === 'open' && c.after === 'approval')));
});

test('gross, recoveries and net follow the entries; reversals never exceed their provision', async () => {
    const number = await incidentIn('qualification', as, l);
    await accepted(number, 'provision', '100.00');
    refused(await as.corr_north.create('financial_entries', entry(number, 'provision_used', '100.01')), 422);
    await accepted(number, 'direct_loss', '90.00');
    await accepted(number, 'provision_used', '90.00');
    await accepted(number, 'provision_unused', '10.00');
    let r = await get(number);
    assert.deepEqual([r.gross.amount, r.net.amount, r.provision_outstanding.amount], ['90.00', '90.00', '0.00'], '100 provisioned, 90 paid, 100 reversed = gross 90');
    await accepted(number, 'direct_recovery', '20.00');
    await accepted(number, 'insurance_recovery', '30.00');
    await accepted(number, 'internal_cost', '500.00');
    r = await get(number);
    assert.deepEqual([r.gross.amount, r.recoveries.amount, r.insurance.amount, r.net.amount], ['90.00', '50.00', '30.00', '40.00']);
    const open = ok(await as.corr_north.create('financial_entries', entry(number, 'direct_loss', '7.00')), 201).number;
    assert.equal((await get(number)).gross.amount, '90.00', 'an entry counts once accepted');
    ok(await as.finance.move('financial_entries', open, 'reject', { reason: 'Doublon' }));
    assert.equal((await get(number)).gross.amount, '90.00');
    for (const bad of ['-5.00', '0', '0.00', '1.2345', 'abc', '1e3']) refused(await as.corr_north.create('financial_entries', entry(number, 'direct_loss', bad)), 422, 'amount');
    refused(await as.corr_north.create('financial_entries', entry(number, 'direct_loss', '5.00', { booked_on: '2099-01-01' })), 422, 'booked_on');
});

test('an amount sent by a program is a decimal with a point: never read as thousands', async () => {
    const number = await incidentIn('qualification', as, l);
    refused(await as.corr_north.create('financial_entries', entry(number, 'direct_loss', '1.234')), 422, 'amount');
    refused(await as.corr_north.create('financial_entries', entry(number, 'direct_loss', '1,234')), 422, 'amount');
});

test('amounts are converted with the rate of the booking date', async () => {
    for (const [day, rate] of [[isoDay(40), '10.50'], [isoDay(10), '10.80']])
        ok(await as.finance.create('rates', { currency: 'EUR', against: 'MAD', day, rate, source: 'Test' }), 201);
    const number = await incidentIn('qualification', as, l, { extra: { occurred_on: isoDay(45), discovered_on: isoDay(44) } });
    const money = (amount) => ({ amount: { amount, currency: 'EUR' } });
    await accepted(number, 'direct_loss', '0', { ...money('100.00'), booked_on: isoDay(20) });
    assert.deepEqual((await get(number)).gross, { amount: '1050.00', currency: 'MAD' });
    await accepted(number, 'direct_loss', '0', { ...money('100.00'), booked_on: isoDay(5) });
    assert.deepEqual((await get(number)).gross, { amount: '2130.00', currency: 'MAD' });
});

test('closing is blocked by what is still open', async () => {
    const number = await incidentIn('closure', as, l);
    const r = await get(number);
    assert.equal(r.state, 'closure');
    ok(await as.analyst.move('incidents', number, 'keep_open', { reason: 'Attendre la provision' }));
    await accepted(number, 'provision', '50.00');
    if (await stateOf(number) === 'approval') ok(await as.committee.move('incidents', number, 'approve'));
    ok(await as.corr_north.move('incidents', number, 'propose_closure'));
    refused(await as.analyst.move('incidents', number, 'close'), 422);
    assert.equal(await stateOf(number), 'closure');
});

test('a late booking reopens what was closed, a reason reopens it by hand', async () => {
    const number = await incidentIn('closed', as, l);
    assert.equal(await stateOf(number), 'closed');
    await accepted(number, 'direct_recovery', '100.00');
    assert.equal(await stateOf(number), 'open', 'late recovery');
    const other = await incidentIn('closed', as, l);
    refused(await as.analyst.move('incidents', other, 'reopen'), 422, 'reason');
    ok(await as.analyst.move('incidents', other, 'reopen', { reason: 'Recouvrement attendu' }));
    assert.equal((await get(other)).closed_on, null);
});

test('a near miss and a non-financial event need no approval of an amount', async () => {
    for (const kind of ['near_miss', 'non_financial']) {
        const number = await incidentIn('qualification', as, l, { extra: { amount_range: 'none' } });
        ok(await as.corr_north.patch('incidents', number, (await get(number)).version, qualification(l, { event_kind: kind })));
        ok(await as.corr_north.move('incidents', number, 'send'));
        ok(await as.analyst.patch('incidents', number, (await get(number)).version, assessment));
        const state = ok(await as.analyst.move('incidents', number, 'validate')).state;
        assert.ok(['open', 'closure'].includes(state), `${kind}: ${state}`);
    }
});

test('merging names the other incident and keeps the link', async () => {
    const first = await incidentIn('declared', as, l), second = await incidentIn('declared', as, l);
    refused(await as.corr_north.move('incidents', second, 'merge', { reason: 'Même fait' }), 422, 'duplicate_of');
    refused(await as.corr_north.move('incidents', second, 'merge', { reason: 'Même fait', duplicate_of: second }), 422);
    const merged = ok(await as.corr_north.move('incidents', second, 'merge', { reason: 'Même fait', duplicate_of: first }));
    assert.equal(merged.state, 'cancelled');
    assert.equal(merged.duplicate_of.key ?? merged.duplicate_of, first);
});

test('a restricted incident never reaches the unit', async () => {
    for (const extra of [{ manager_involved: true }]) {
        const number = ok(await as.plain.create('incidents', draft(extra)), 201).number;
        ok(await as.plain.move('incidents', number, 'submit'));
        for (const name of ['head_north', 'corr_north', 'head_south', 'finance', 'legal', 'analyst', 'auditor', 'plain2', 'organisation', 'admin', 'methodology', 'security']) {
            refused(await as[name].one('incidents', number), 404);
            assert.equal((await as[name].move('incidents', number, 'confirm')).status, 404, name);
        }
        for (const name of ['inspection', 'compliance', 'head_orm', 'committee', 'plain']) ok(await as[name].one('incidents', number));
        ok(await as.inspection.move('incidents', number, 'confirm'));
    }
    const turned = await incidentIn('qualification', as, l);
    const fraud = (await as.analyst.all('taxons', '', 500)).find((t) => t.code === 'ET1.2').code;
    ok(await as.corr_north.patch('incidents', turned, (await get(turned)).version, { event_type: fraud }));
    refused(await as.corr_north.one('incidents', turned), 404);
    assert.equal((await get(turned, as.inspection)).restricted, true);
    assert.equal((await as.corr_north.patch('incidents', turned, 9, { restricted: false })).status, 404);
    refused(await as.plain.patch('incidents', turned, 1, { restricted: false }), 403);
});

test('dates are in order and not in the future', async () => {
    const bad = [[{ occurred_on: isoDay(1), discovered_on: isoDay(2) }, 'occurred_on'], [{ discovered_on: isoDay(-3) }, 'discovered_on'], [{ occurred_on: isoDay(-1) }, 'occurred_on'],
        [{ occurred_on: isoDay(9), occurred_until: isoDay(10) }, 'occurred_until'], [{ occurred_on: '2026-02-30' }, 'occurred_on'], [{ occurred_on: '1700-01-01' }, 'occurred_on']];
    for (const [extra, field] of bad) refused(await as.plain.create('incidents', draft(extra)), 422, field);
});

test('allocations and weights add up to 100 %', async () => {
    const number = await incidentIn('qualification', as, l);
    const v = async () => (await get(number)).version;
    const share = (a, b) => ({ allocations: [{ unit: 'TN1', percent: a }, { unit: 'TS1', percent: b }] });
    refused(await as.corr_north.patch('incidents', number, await v(), share('60', '30')), 422, 'allocations');
    ok(await as.corr_north.patch('incidents', number, await v(), share('60', '40')));
    refused(await as.corr_north.patch('incidents', number, await v(), { causes: [{ cause: l.cause, weight: '90', is_primary: true }] }), 422, 'causes');
});

test('a list that needs two persons changes only when a second one applies it', async () => {
    const code = 'ET7.1.T';
    const body = { ...required(await as.methodology.openapi(), 'taxon'), kind: 'event_type', code, name_fr: 'Essai', parent: 'ET7.1' };
    const proposed = ok(await as.methodology.create('taxons', body), 202).number;
    refused(await as.methodology.one('taxons', code), 404);
    refused(await as.methodology.move('change_requests', proposed, 'apply'), 403);
    refused(await as.analyst.move('change_requests', proposed, 'apply'), 404);
    ok(await as.methodology2.move('change_requests', proposed, 'apply'));
    ok(await as.methodology.one('taxons', code));
    refused(await as.methodology2.move('change_requests', proposed, 'apply'), 409);
    refused(await as.methodology.move('taxons', code, 'retire'), 422, 'reason');
    assert.equal((await as.methodology.move('taxons', code, 'retire', { reason: 'Plus utilisé' })).status < 500, true);
});

test('at the end the chain is whole and the figures agree', async () => {
    assert.equal((await must(s.db, ['audit', 'verify', '--json'])).ok, true);
    assert.equal((await must(s.db, ['measures', 'check', '--json'])).ok, true);
});
