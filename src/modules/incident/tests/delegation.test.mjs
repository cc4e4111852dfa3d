// delegation.test.mjs: four eyes and "nobody approves twice" through delegations, in every order and by every hand;
// whose authority an approval was given by is on the record, in its history and in exports; each of several approvers
// of a level is told at once. Over the API and in the pages, on both databases. SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ok, refused } from '../../../../tests/lib/client.mjs';
import { press, until, upload } from '../../../../tests/lib/import.mjs';
import { must, start } from '../../../../tests/lib/server.mjs';
import { draft, email, everybody, incidentIn, isoDay, lists, twoPersons } from '../../../../tests/lib/world.mjs';

let s, as, l;
before(async () => { s = await start('bank'); as = everybody(s.server, s.world); l = await lists(as.analyst); });
after(() => s?.end());

const get = async (number, who = as.head_orm) => ok(await who.one('incidents', number));
const money = (amount) => ({ amount, currency: 'MAD' });
const row = (level, who) => ({ level, measure: 'gross', ...who, amount_from: money('20000.00') });
const matrix = async (approvers) => {
    const now = ok(await as.methodology.one('response_templates', 'RT-ET7')).version;
    await twoPersons(as.methodology, as.methodology2, await as.methodology.patch('response_templates', 'RT-ET7', now, { approvers }));
};
const approve = (name, number) => as[name].move('incidents', number, 'approve');
const approved = async (name, number) => ok(await approve(name, number));
const denied = async (names, number) => { for (const name of names) refused(await approve(name, number), 403); };
// For the time of some work, `to` (names) stand in for `from`.
async function standing(from, to, work, extra = {}) {
    const made = [];
    for (const name of to)
        made.push(ok(await as[from].create('delegations', { to_user: email(name), valid_from: isoDay(0), valid_until: isoDay(-30), why: 'Congé', ...extra }), 201).number);
    const described = () => { for (const name of to) as[name].doc = null; }; // as those see it who have these rights
    described();
    try { await work(); } finally {
        for (const number of made) ok(await as[from].move('delegations', number, 'retire'));
        described();
    }
}
const waitingAt = async (name, number) => {
    const page = (await as[name].get('/', { accept: 'text/html' })).text;
    return page.includes(`/incidents/${number}/do/approve`);
};

test('a delegate gives it for somebody: neither they nor another delegate give the next level', async () => {
    await matrix([row(1, { role: 'compliance' }), row(2, { role: 'compliance' }), row(3, { role: 'head_orm' })]);
    const number = await incidentIn('approval', as, l, { amount: '50000.00' });
    await standing('compliance', ['finance', 'finance2'], async () => {
        await approved('finance', number);
        const [first, second] = (await get(number)).approvals;
        assert.deepEqual([first.approved_by, first.approved_for, second.approved_by], [email('finance'), email('compliance'), null]);
        await denied(['compliance', 'finance', 'finance2'], number);
        const other = await incidentIn('approval', as, l, { amount: '50000.00' });
        await approved('compliance', other);
        assert.equal((await get(other)).approvals[0].approved_for, null);
        await denied(['finance', 'finance2', 'compliance'], other);
    });
    await denied(['compliance', 'finance'], number); // the delegation has ended, what was done by it has not
    // "A for B": in the page, in its history, in the API and in an export.
    const page = (await as.auditor.get(`/incidents/${number}`, { accept: 'text/html' })).text;
    assert.match(page, /On behalf of/);
    assert.match((await as.auditor.get(`/incidents/${number}/history`, { accept: 'text/html' })).text, /Test finance for Test compliance/);
    const csv = (await as.auditor.get(`/incidents.csv?columns=number,approvals&q=${number}`)).text;
    assert.ok(csv.split('\n').some((line) => line.includes(email('finance')) && line.includes(email('compliance'))), csv.slice(0, 600));
});

test('who declared it does not approve it by a delegate, nor does the delegate by their own hand before', async () => {
    await matrix([row(1, { role: 'compliance' }), row(2, { role: 'legal' })]);
    const own = { ...as, plain: as.compliance };
    const number = await incidentIn('approval', own, l, { amount: '50000.00', unit: 'TN1' });
    await denied(['compliance'], number);
    await standing('compliance', ['finance', 'legal'], () => denied(['finance', 'legal'], number));
    // A gave a level in their own right; then B delegates to A.
    const other = await incidentIn('approval', as, l, { amount: '50000.00' });
    await approved('compliance', other);
    await standing('legal', ['compliance', 'finance'], async () => {
        await denied(['compliance'], other);
        await approved('finance', other);
    });
    const r = await get(other);
    assert.deepEqual([r.state, r.approvals[1].approved_by, r.approvals[1].approved_for], ['open', email('finance'), email('legal')]);
});

test('a limit that is borrowed is used in the name of who lent it', async () => {
    await matrix([]);
    const number = await incidentIn('approval', as, l, { amount: '900000.00' });
    await denied(['head_north'], number);
    const own = await incidentIn('approval', { ...as, plain: as.head_orm }, l, { amount: '900000.00', unit: 'TN1' });
    await standing('head_orm', ['head_north'], async () => {
        await denied(['head_north'], own);
        await approved('head_north', number);
    });
    assert.match((await as.auditor.get(`/incidents/${number}/history`, { accept: 'text/html' })).text, /Test head.north for Test head.orm/);
});

test('two who are named at one level are told at once, and may each be stood in for', async () => {
    await matrix([row(1, { person: email('finance') }), row(1, { person: email('legal') }), row(2, { role: 'head_orm' })]);
    const number = await incidentIn('approval', as, l, { amount: '50000.00' });
    assert.deepEqual((await get(number)).approvers.sort(), [email('finance'), email('legal')].sort());
    for (const name of ['finance', 'legal']) {
        assert.ok(await waitingAt(name, number), `${name} finds it in their work`);
        let all = [];
        for (let i = 0; i < 100 && !all.some((n) => n.number === number); i++) {
            await new Promise((r) => setTimeout(r, 50));
            all = ok(await as[name].get('/notifications.json?all=1')).items;
        }
        assert.ok(all.some((n) => n.number === number), `${name} is told`);
    }
    await denied(['auditor', 'finance2', 'compliance'], number);
    await standing('legal', ['finance2'], () => denied(['finance2'], number), { role: 'legal' }); // the role alone, not the person
    await standing('legal', ['finance2'], async () => {
        assert.ok(await waitingAt('finance2', number), 'it stands in the work of the delegate');
        await approved('finance2', number);
        await denied(['legal', 'finance2'], number);
    });
    const given = (await get(number)).approvals.find((a) => a.approved_by);
    assert.deepEqual([given.person, given.approved_by, given.approved_for], [email('legal'), email('finance2'), email('legal')]);
    await approved('finance', number);
    await approved('head_orm', number);
    assert.equal((await get(number)).state, 'open');
});

test('an import is not released by who stands in for its sender, nor by whom the sender stood in for', async () => {
    const csv = (code) => `kind,code,name_fr\ncause,${code},Cause ${code}\n`;
    const asked = async (name, code) => {
        const run = await upload(as[name], 'taxon', 'causes.csv', csv(code));
        const found = await until(as[name], run, 'checked');
        assert.deepEqual([found.created, found.rejected], [1, 0]);
        await press(as[name], 'ask', run);
        return run;
    };
    const refusedTo = async (name, run) => {
        for (const action of ['release', 'refuse']) assert.ok([403, 404].includes((await as[name].post(`/import/${action}`, { form: { run }, headers: { 'idempotency-key': `r-${action}-${name}-${run}` } })).status), `${action} by ${name}`);
        assert.doesNotMatch((await as[name].get(`/import?run=${run}`)).text, /\/import\/re(lease|fuse)/);
        assert.doesNotMatch((await as[name].get('/import')).text, new RegExp(`/import\\?run=${run}"`), 'not among those that wait for them');
    };
    const own = await asked('methodology', 'CD1');
    await standing('methodology', ['plain', 'plain2'], async () => {
        await refusedTo('plain', own);
        const lent = await asked('plain', 'CD2');
        await refusedTo('methodology', lent);
        await refusedTo('plain2', lent);
        await press(as.methodology2, 'release', lent);
        await until(as.methodology2, lent, 'done');
        // Who stands in for another one, too, does it for that one.
        await standing('methodology2', ['plain2'], () => press(as.plain2, 'release', own));
    });
    await until(as.methodology, own, 'done');
    const made = (await as.methodology.all('taxons', 'kind=cause', 500)).find((x) => x.code === 'CD1');
    assert.match((await as.methodology.get(`/api/v1/taxons/${made.number}/history`)).text, /Test plain2 for Test methodology2/);
});

test('who stands in for an administrator makes no delegation to them', async () => {
    const body = (to) => ({ from_user: email('inspection'), to_user: email(to), valid_from: isoDay(0), valid_until: isoDay(-30), why: 'Congé' });
    await standing('admin', ['plain'], async () => {
        refused(await as.plain.create('delegations', body('admin')), 422, 'to_user');
        refused(await as.plain.create('delegations', body('plain')), 422, 'to_user');
        const made = ok(await as.plain.create('delegations', body('legal')), 201).number;
        assert.match((await as.admin.get(`/api/v1/delegations/${made}/history`)).text, /Test plain for Test admin/);
        ok(await as.plain.move('delegations', made, 'retire'));
    });
});

test('a page that only shows a step of somebody else’s right is not read in their name', async () => {
    const number = ok(await as.inspection.create('incidents', draft({ unit: 'TN1', restricted: true })), 201).number;
    const readers = async () => ok(await as.inspection.get(`/api/v1/incidents/${number}/history`)).items.filter((e) => /read this restricted record/.test(e.what)).map((e) => e.who);
    await standing('head_orm', ['compliance'], async () => {
        const page = (await as.compliance.get(`/incidents/${number}`, { accept: 'text/html' })).text;
        assert.match(page, new RegExp(`/incidents/${number}/do/start`));
    });
    const who = await readers();
    assert.ok(who.includes('Test compliance'), JSON.stringify(who));
    assert.ok(!who.some((w) => w.includes(' for ')), JSON.stringify(who));
});

test('at the end the chain is whole', async () => {
    assert.equal((await must(s.db, ['audit', 'verify', '--json'])).ok, true);
});
