// import_roundtrip.test.mjs: what was exported can be imported again and changes nothing: every list that may be
// imported, as CSV, XLSX and JSON. SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Client, closeConnections } from '../lib/client.mjs';
import { command, must, releaseBinary, start } from '../lib/server.mjs';
import { until, upload } from '../lib/import.mjs';
import { password } from '../lib/world.mjs';

const binary = releaseBinary; // 28 lists in three formats: the sanitizers see the same code in the other suites
let s, dir, types;
before(async () => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'gardefou-roundtrip-'));
    s = await start('demo');
    const model = await must(s.db, ['model', '--json'], { binary });
    types = model.types.filter((t) => t.grants?.some((g) => (g.operations ?? g.ops ?? []).includes('import'))).map((t) => t.name);
});
after(async () => {
    closeConnections();
    await s?.end();
    fs.rmSync(dir, { recursive: true, force: true });
});

for (const format of ['csv', 'xlsx', 'json']) test(`every list out and in as ${format}: nothing changes`, async () => {
    assert.ok(types.length > 20, types.join());
    const queue = [...types], wrong = [];
    const one = async (type) => {
        const file = path.join(dir, `${type}.${format}`);
        await must(s.db, ['export', type, '--format', format, '-o', file], { binary });
        const done = await command(s.db, ['import', type, file, '--dry-run', '--json'], { binary });
        if (done.code !== 0) { // a list without records is an empty file
            if (!/empty/.test(done.err)) wrong.push(`${type}: ${done.err}`);
            return;
        }
        const r = JSON.parse(done.out);
        if (r.created || r.updated || r.rejected_rows || r.unchanged !== r.read) wrong.push(`${type}: ${JSON.stringify({ ...r, rejected: r.rejected.slice(0, 2), sums: undefined })}`);
    };
    await Promise.all(Array.from({ length: 2 }, async () => { while (queue.length) await one(queue.shift()); }));
    assert.deepEqual(wrong, []);
});

test('the same in the browser, in French: units and people as Excel', async () => {
    const root = new Client(s.server, { lang: 'fr' });
    assert.equal((await root.login(s.world.root, password)).status, 303);
    for (const [type, plural] of [['unit', 'units'], ['user', 'users'], ['rate', 'rates']]) {
        const reply = await root.get(`/${plural}.xlsx`);
        assert.equal(reply.status, 200);
        const now = await until(root, await upload(root, type, `${plural}.xlsx`, reply.body), 'checked');
        assert.deepEqual([now.created, now.updated, now.rejected], [0, 0, 0], plural);
        assert.ok(now.unchanged > 0);
    }
});

test('figures added up record by record are those kept by dimensions: of the whole bank, by every axis, today and as of a day', async () => {
    const token = (await must(s.db, ['token', 'create', '--user', 'mehdi.tazi@tinmel.example'], { binary })).trim();
    const c = new Client(s.server, { token, check: false });
    const day = new Date(Date.now() - 86400000 * 40).toISOString().slice(0, 10);
    for (const [name, always] of [['losses', 'event_kind=loss'], ['booked_losses', 'status=booked'], ['near_misses', 'event_kind=near_miss']])
        for (const axes of ['rows=business_line&columns=event_type', 'rows=unit&columns=year', 'rows=month&columns=none', 'rows=event_type&columns=unit&rows_level=2', 'rows=none&columns=none&from=2024-03&to=2026-02&unit=RES'])
            for (const when of ['', `&as_of=${day}`]) {
                const kept = await c.get(`/api/v1/measures/${name}?${axes}${when}`), added = await c.get(`/api/v1/measures/${name}?${axes}${when}&${always}`);
                assert.deepEqual([kept.status, added.status], [200, 200], added.text.slice(0, 300));
                            assert.equal(added.text, kept.text, `${name} ${axes} ${when}`);
            }
});
