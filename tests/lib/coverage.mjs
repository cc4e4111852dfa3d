// coverage.mjs: after all HTTP suites: each route of the description was met, and each reply was as described.
// SPDX-License-Identifier: GPL-3.0-or-later
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

const dir = process.env.GARDEFOU_TEST_COVERAGE;
const hits = new Map(), defined = new Set(), broken = new Map();
for (const f of dir ? fs.readdirSync(dir) : []) {
    const one = JSON.parse(fs.readFileSync(path.join(dir, f), 'utf8'));
    for (const [route, n] of one.hits) hits.set(route, (hits.get(route) ?? 0) + n);
    for (const route of one.defined) defined.add(route);
    for (const [route, what] of one.broken) broken.set(route, what);
}

test('each route of the description was met', () => {
    assert.ok(defined.size > 30, `only ${defined.size} routes are described`);
    assert.deepEqual([...defined].filter((route) => !hits.has(route)).sort(), []);
});

test('each reply was as described', () => {
    const list = [...broken].map(([route, { target, name, found }]) => `${route} (${target} as ${name}): ${found.slice(0, 4).join('; ')}`);
    assert.deepEqual(list.slice(0, 20), [], `${list.length} routes answer otherwise than described`);
});
