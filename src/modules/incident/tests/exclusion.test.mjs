// exclusion.test.mjs: losses leave the data set on request only: from the draft through the committee to the
// supervisor's approval, returned and refused on the way, each step by the right person.
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ok, refused } from '../../../../tests/lib/client.mjs';
import { must, start } from '../../../../tests/lib/server.mjs';
import { everybody, incidentIn, lists } from '../../../../tests/lib/world.mjs';

let s, as, event, other;
before(async () => {
    s = await start('bank');
    as = everybody(s.server, s.world);
    const l = await lists(as.analyst);
    for (const extra of [{ extra: {}, amount: '400000.00' }, {}]) [event, other] = [other, await incidentIn('open', as, l, extra)];
});
after(() => s?.end());

const types = 'loss_exclusion_requests';
const create = async (extra) => ok(await as.analyst.create(types, { title: 'Activité cédée', events: [event], why: 'Vendue en janvier.', ...extra }), 201).number;
const get = async (number) => ok(await as.analyst.one(types, number));
const move = (who, number, step, json) => as[who].move(types, number, step, json);

test('a request goes through head, committee and supervisor; four eyes at each step', async () => {
    const number = await create();
    const draft = await get(number);
    assert.equal(draft.state, 'draft');
    assert.deepEqual(draft.amount, ok(await as.analyst.one('incidents', event)).net_group);
    assert.equal(draft.years_kept, 0);
    assert.equal(ok(await as.analyst.one('incidents', event)).used_in_capital, true);
    refused(await move('analyst', number, 'submit'), 422, 'years_kept');
    ok(await as.analyst.patch(types, number, draft.version, { divested: true }));
    ok(await move('analyst', number, 'submit'));
    refused(await as.analyst.patch(types, number, (await get(number)).version, { why: 'Autre chose.' }), 403);
    refused(await move('analyst', number, 'support'), 403);
    ok(await move('head_orm', number, 'support'));
    refused(await move('head_orm', number, 'approve'), 403);
    ok(await move('committee', number, 'approve'));
    refused(await move('head_orm', number, 'grant'), 422, 'authority_reference');
    assert.equal(ok(await move('head_orm', number, 'grant', { authority_reference: 'BAM/2026/17' })).state, 'granted');
    assert.equal((await get(number)).authority_reference, 'BAM/2026/17');
    const after = ok(await as.analyst.one('incidents', event));
    assert.deepEqual([after.used_in_capital, after.exclusion.key ?? after.exclusion], [false, number], 'it has left the set');
    assert.equal(ok(await as.plain.one('incidents', event)).exclusion, undefined, 'the declarant learns nothing of it');
    const items = ok(await as.auditor.get(`/api/v1/${types}/${number}/history`)).items;
    assert.equal(items.length, 6);
    refused(await move('head_orm', number, 'refuse', { reason: 'Trop tard' }), 409);
});

test('a request may be returned for completion, or refused for good, with a reason', async () => {
    const taken = await create({ divested: true });
    refused(await move('analyst', taken, 'submit'), 422, 'events');
    const number = await create({ divested: true, events: [other] });
    ok(await move('analyst', number, 'submit'));
    refused(await move('head_orm', number, 'return'), 422, 'reason');
    assert.equal(ok(await move('head_orm', number, 'return', { reason: 'Joindre l’acte de vente' })).state, 'draft');
    ok(await as.head_orm.post(`/api/v1/${types}/${number}/comments`, { json: { text: 'Il manque l’annexe.' }, headers: { 'idempotency-key': number } }), 201);
    assert.match(JSON.stringify(ok(await as.analyst.get(`/api/v1/${types}/${number}/comments`))), /annexe/);
    ok(await move('analyst', number, 'submit'));
    assert.equal(ok(await move('head_orm', number, 'refuse', { reason: 'Exposition juridique' })).state, 'refused');
    refused(await as.plain.one(types, number), 404);
    assert.equal((await must(s.db, ['audit', 'verify', '--json'])).ok, true);
});
