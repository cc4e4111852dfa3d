// indicator_judge.test.mjs: every way a value is judged, over HTTP and with worked figures: bounds of the value itself, a band,
// against the value before, the mean, the deviation and the control chart of the last ones, ambers in a row, better values
// in a row, a composite score; a threshold counts only when a second person has approved it.
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { ok, refused } from '../../../../tests/lib/client.mjs';
import { must, start } from '../../../../tests/lib/server.mjs';
import { email, everybody, twoPersons } from '../../../../tests/lib/world.mjs';

let s, as, serial = 0;
before(async () => { s = await start('bank'); as = everybody(s.server, s.world); });
after(() => s?.end());

const month = (n) => { const d = new Date(); d.setUTCDate(1); d.setUTCMonth(d.getUTCMonth() - n); return d.toISOString().slice(0, 7); };
const push = (values) => as.corr_north.request('POST', '/indicator-push', { json: { values }, headers: { 'idempotency-key': randomUUID(), accept: 'application/json' } });

async function define(direction, bounds, more = {}) {
    const code = `J${String(++serial).padStart(2, '0')}`;
    await twoPersons(as.methodology, as.methodology2, await as.methodology.create('indicator_definitions', { code, name_fr: `Mesure ${code}`, kind: 'kri', measure_unit: 'number', direction, collection: 'push', frequency: 'monthly', due_offset: 5, grace: 2, ...more }));
    if (bounds) {
        const t = ok(await as.analyst.create('indicator_thresholds', { definition: code, valid_from: '2015-01-01', reason: 'expert', rationale: 'Essai', ...bounds }), 201).number;
        ok(await as.analyst.move('indicator_thresholds', t, 'propose'));
        refused(await as.analyst.move('indicator_thresholds', t, 'approve'), 403);
        ok(await as.head_orm.move('indicator_thresholds', t, 'approve'));
    }
    return code;
}
// The values of the last months in an indicator of its own, the newest last; what colour that gives.
async function colour(code, unit, values) {
    const number = ok(await as.analyst.create('indicators', { definition: code, unit, provider: email('corr_north'), active_from: '2020-01-01' }), 201).number;
    const reply = await push(values.map((value, i) => ({ indicator: number, period: month(values.length - i), value: String(value) })));
    assert.ok([200, 303].includes(reply.status), reply.text.slice(0, 300));
    return ok(await as.analyst.one('indicators', number)).colour;
}

const eight = [10, 12, 10, 12, 10, 12, 10, 12]; // mean 11, deviation 1.069, mean moving range 2: sigma 2 / 1.128 = 1.773
const cases = [
    ['the value itself, half-open', 'up', { amber: '2', red: '4' }, [[[1.999], 'green'], [[2], 'amber'], [[4], 'red']]],
    ['lower is worse', 'down', { amber: '99.8', red: '99.5' }, [[[99.8], 'green'], [[99.5], 'amber'], [[99.49], 'red']]],
    ['a band', 'band', { green_low: '4', green_high: '7', low: '2', high: '8' }, [[[4], 'green'], [[7], 'amber'], [[1.99], 'red']]],
    ['against the value before, %', 'up', { basis: 'versus_last', amber: '10', red: '25' }, [[[12, 13], 'green'], [[12, 14], 'amber'], [[12, 15], 'red']]],
    ['against the mean of the last three, %', 'up', { basis: 'versus_mean', look_back: '3', amber: '10', red: '25' }, [[[10, 12, 11, 12], 'green'], [[10, 12, 11, 12.5], 'amber'], [[10, 12, 11, 14], 'red']]],
    ['deviations', 'up', { basis: 'z_score', look_back: '8', amber: '1', red: '2' }, [[[...eight, 12], 'green'], [[...eight, 12.2], 'amber'], [[...eight, 13.5], 'red']]],
    ['sigmas of the control chart', 'up', { basis: 'control_chart', look_back: '8', amber: '2', red: '3' }, [[[...eight, 14], 'green'], [[...eight, 15], 'amber'], [[...eight, 17], 'red']]],
    ['too few values for a control chart are judged by nobody', 'up', { basis: 'control_chart', look_back: '8', amber: '2', red: '3' }, [[[10, 12, 99], 'none']]],
    ['three ambers in a row are red', 'up', { amber: '2', red: '4', persistence: '3' }, [[[2.5, 2.5], 'amber'], [[2.5, 2.5, 2.5], 'red'], [[2.5, 1, 2.5], 'amber']]],
    ['two better values end a colour', 'up', { amber: '2', red: '4', hysteresis: '2' }, [[[5, 1], 'red'], [[5, 1, 1], 'green'], [[1, 5], 'red']]],
];
for (const [name, direction, bounds, rows] of cases)
    test(name, async () => {
        const code = await define(direction, bounds);
        for (const [i, [values, expected]] of rows.entries()) assert.equal(await colour(code, ['TN1', 'TN2', 'TST'][i], values), expected, values.join(' '));
    });

test('a band whose bounds overlap, a red on the wrong side and a band of changes are refused, each at its field', async () => {
    const code = await define('band', null), up = await define('up', null);
    const fields = async (definition, more) => (await as.analyst.create('indicator_thresholds', { definition, valid_from: '2015-01-01', reason: 'expert', rationale: 'x', ...more })).json.issues.map((i) => i.field);
    assert.deepEqual(await fields(code, { green_low: '4', green_high: '7', low: '5', high: '8' }), ['low']);
    assert.deepEqual(await fields(code, { green_low: '4', green_high: '7', low: '2', high: '6' }), ['high']);
    assert.deepEqual(await fields(code, { basis: 'z_score', green_low: '4', green_high: '7', low: '2', high: '8' }), ['basis']);
    assert.deepEqual(await fields(up, { amber: '4', red: '2' }), ['red']);
    assert.equal(await colour(up, 'TN1', [1]), 'none', 'without an approved threshold nothing is green');
});

test('a composite: the weighted mean of how near each part is to red; unknown while a part is', async () => {
    const [a, b] = [await define('up', { amber: '2', red: '4' }), await define('down', { amber: '99', red: '97' })];
    const score = await define('up', { amber: '40', red: '70' }, { collection: 'composite', parts: [{ part: a, weight: '25' }, { part: b, weight: '75' }] });
    const number = ok(await as.analyst.create('indicators', { definition: score, unit: 'TN1', active_from: '2020-01-01' }), 201).number;
    await colour(a, 'TN1', [2]); // at amber: a third
    await must(s.db, ['indicator', 'run']);
    assert.equal(ok(await as.analyst.one('indicators', number)).last_value ?? null, null);
    await colour(b, 'TN1', [97]); // at red: two thirds
    await must(s.db, ['indicator', 'run']);
    const one = ok(await as.analyst.one('indicators', number));
    assert.equal(Number(one.last_value), 58.33, '0.25 x 33.33 + 0.75 x 66.67');
    assert.equal(one.colour, 'amber');
});
