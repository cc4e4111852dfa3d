// realdata.test.mjs: four public data sets imported by the maps of the program; the totals are those of the files, worked
// out here from the files themselves. They are not part of the project: GARDEFOU_SHARED_DATA names their folder
// (else ../shared/data); without it this test says so and is skipped. SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { readCsv } from '../lib/csv.mjs';
import { command, must, root, start } from '../lib/server.mjs';

const dir = process.env.GARDEFOU_SHARED_DATA ?? path.join(root, '../shared/data');
const skip = fs.existsSync(path.join(dir, 'loss/pcold_sample.csv')) ? false : 'skipped: the public data sets are not here (GARDEFOU_SHARED_DATA)';
if (skip) console.log(skip);
let s;
before(async () => {
    if (skip) return;
    s = await start('bank');
    const file = path.join(s.db.dir ?? '/tmp', `rates-${process.pid}.csv`);
    fs.writeFileSync(file, 'currency;against;day;rate;source\nCNY;MAD;1980-01-01;1,40;essai\nEUR;MAD;1999-01-04;10,80;essai\n');
    assert.equal((await must(s.db, ['import', 'rate', file, '--json'])).created, 2);
    fs.rmSync(file);
});
after(() => s?.end());

const load = async (file, map) => must(s.db, ['import', 'incident', path.join(dir, file), '--map', map, '--json']);
async function twice(file, map, want) {
    const first = await load(file, map);
    assert.deepEqual([first.read, first.created, first.rejected_rows], want, JSON.stringify(first.rejected.slice(0, 3)));
    const again = await load(file, map);
    assert.deepEqual([again.created, again.updated, again.unchanged], [0, 0, first.created], 'the second time changes nothing');
    return first;
}
// Minor units by kind of the entries whose currency this is.
async function sums(currency) {
    const out = {};
    for (const e of JSON.parse(await must(s.db, ['export', 'financial_entry', '--format', 'json'])))
        if (e.amount?.currency === currency) out[e.kind?.key ?? e.kind] = (out[e.kind?.key ?? e.kind] ?? 0n) + BigInt(e.amount.amount.replace('.', ''));
    return out;
}
const minor = (text, factor) => BigInt(Math.round(Number(text) * factor * 100));

test('P-COLD: 144 losses in units of 10,000 CNY, two of them without a year', { skip }, async () => {
    const rows = readCsv(fs.readFileSync(path.join(dir, 'loss/pcold_sample.csv'), 'utf8'));
    await twice('loss/pcold_sample.csv', 'pcold', [144, 142, 2]);
    const dated = rows.filter((r) => r.start_year !== '' && r.start_year !== 'NA' || r.end_year !== '' && r.end_year !== 'NA');
    assert.equal(dated.length, 142);
    const total = dated.reduce((t, r) => t + minor(r.loss_amount_10k_cny, 10000), 0n);
    assert.deepEqual(await sums('CNY'), { direct_loss: total });
    assert.equal(total, 5552676523100n);
});

test('French marine claims: payments and recourse', { skip }, async () => {
    const file = 'loss/french_marine_claims_recourse.csv';
    const rows = readCsv(fs.readFileSync(path.join(dir, file), 'utf8'));
    await twice(file, 'fremarine', [rows.length, rows.length, 0]);
    const sum = (name) => rows.reduce((t, r) => t + (Number(r[name]) > 0 ? minor(r[name], 1000) : 0n), 0n);
    assert.deepEqual(await sums('EUR'), { direct_loss: sum('ClaimPaid'), direct_recovery: sum('ClaimRecourse') });
});

test('HHS breaches: narratives, missing counts and dates', { skip }, async () => { await twice('breaches/hhs_breaches.csv', 'hhs', [1350, 1348, 2]); });

test('VERIS incidents, one object a line', { skip }, async () => {
    const lines = fs.readFileSync(path.join(dir, 'vcdb/vcdb_incidents_sample.jsonl'), 'utf8').split('\n').filter((l) => l.trim());
    await twice('vcdb/vcdb_incidents_sample.jsonl', 'veris', [lines.length, lines.length, 0]);
});

test('the chain is whole and the figures agree afterwards', { skip }, async () => {
    assert.equal((await must(s.db, ['audit', 'verify', '--json'])).ok, true);
    const check = await command(s.db, ['measures', 'check', '--json']);
    assert.equal(JSON.parse(check.out).ok, true, check.out.slice(0, 500));
});
