// screenshots.mjs: the pictures of the README, 1280 px wide, into docs/img. On demand:
// node tests/browser/screenshots.mjs. SPDX-License-Identifier: GPL-3.0-or-later
import fs from 'node:fs';
import path from 'node:path';
import { desktop, openBrowser, openContext, phone, signIn } from '../lib/browser.mjs';
import { exchange } from '../lib/client.mjs';
import { root, start } from '../lib/server.mjs';
import { isoDay } from '../lib/world.mjs';

const dir = path.join(root, 'docs/img');
fs.mkdirSync(dir, { recursive: true });
const s = await start('demo');
const browser = await openBrowser();
try {
    const rows = (await exchange(s.server.url, 'GET', '/api/v1/incidents?state=open&sort=-gross&limit=5', { headers: { authorization: `Bearer ${s.world.tokens.analyst}` } })).json.items;
    const record = `/incidents/${rows[Math.min(1, rows.length - 1)].number}`;
    const shots = [
        ['work', 'analyst', 'fr', 'light', desktop, '/'], ['declare', 'plain', 'fr', 'light', desktop, '/declare'], ['declare-phone-ar', 'plain', 'ar', 'light', phone, '/declare'],
        ['list', 'analyst', 'fr', 'light', desktop, '/incidents'], ['record', 'analyst', 'fr', 'light', desktop, record], ['record-ar-dark', 'analyst', 'ar', 'dark', desktop, record],
        ['loss-matrix', 'head_orm', 'fr', 'light', desktop, '/reports/loss-matrix'], ['loss-trend-dark', 'head_orm', 'en', 'dark', desktop, '/reports/loss-trend'], ['committee', 'committee', 'fr', 'light', desktop, '/reports/committee'],
    ];
    for (const [name, who, lang, theme, viewport, target] of shots) {
        const context = await openContext(browser, s.server, { lang, theme, viewport });
        const page = await signIn(context, who).catch(async () => null) ?? await context.newPage();
        const reply = await page.goto(target, { waitUntil: 'networkidle' });
        if (reply.status() !== 200) console.log(`${name}: ${target} answered ${reply.status()}`);
        else if (target === '/declare') await page.fill('textarea[name=description]', lang === 'ar' ? 'تم إرسال التحويل مرتين' : `Virement envoyé deux fois le ${isoDay(1)}`);
        await page.screenshot({ path: path.join(dir, `${name}.png`) });
        await context.close();
    }
    console.log(`${shots.length} pictures in docs/img`);
} finally {
    await browser.close();
    await s.end();
}
