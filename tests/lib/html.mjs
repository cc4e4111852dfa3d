// html.mjs: just enough reading of HTML for tests: tags, forms with their values, visible text, links.
// SPDX-License-Identifier: GPL-3.0-or-later
const named = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };

export function unescape(text) {
    return text.replace(/&(#x[0-9a-f]+|#\d+|[a-z]+);/gi, (all, name) => {
        if (name[0] === '#') return String.fromCodePoint(name[1].toLowerCase() === 'x' ? parseInt(name.slice(2), 16) : Number(name.slice(1)));
        return named[name.toLowerCase()] ?? all;
    });
}

// [{name, attributes, end, at, to}] in order; script and style bodies are skipped.
export function tags(html) {
    const found = [];
    const pattern = /<!--[\s\S]*?-->|<(\/?)([a-zA-Z][a-zA-Z0-9-]*)((?:\s+[^\s=>"'/]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+))?|\s*\/|\s+)*)>/g;
    for (let m; (m = pattern.exec(html));) {
        if (!m[2]) continue;
        const attributes = {};
        for (const a of (m[3] ?? '').matchAll(/([^\s=>"'/]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g))
            attributes[a[1].toLowerCase()] ??= unescape(a[2] ?? a[3] ?? a[4] ?? '');
        const name = m[2].toLowerCase();
        found.push({ name, attributes, end: m[1] === '/', at: m.index, to: pattern.lastIndex });
        if ((name === 'script' || name === 'style') && !m[1]) {
            const close = html.indexOf(`</${name}`, pattern.lastIndex);
            if (close > 0) pattern.lastIndex = close;
        }
    }
    return found;
}

export function visibleText(html) {
    let out = '', at = 0, hidden = 0;
    for (const tag of tags(html)) {
        if (!hidden) out += html.slice(at, tag.at) + ' ';
        at = tag.to;
        if (['script', 'style', 'template', 'svg'].includes(tag.name)) hidden = Math.max(0, hidden + (tag.end ? -1 : 1));
    }
    return unescape(out + html.slice(at)).replace(/\s+/g, ' ');
}

// Forms with their successful values, as a browser without script would send them.
export function forms(html) {
    const out = [];
    let form = null, select = null, inert = 0;
    const list = tags(html);
    const put = (f, name, value) => {
        if (!name || !f) return;
        if (name in f.fields) f.fields[name] = [].concat(f.fields[name], value);
        else f.fields[name] = value;
    };
    for (let i = 0; i < list.length; i++) {
        const { name, attributes: a, end, to } = list[i];
        // What stands in a template is not part of the page.
        if (name === 'template') { inert = Math.max(0, inert + (end ? -1 : 1)); continue; }
        if (inert) continue;
        if (name === 'form') {
            if (end) form = null;
            else out.push(form = { action: a.action ?? '', method: (a.method ?? 'get').toLowerCase(), fields: {}, controls: {}, buttons: [] });
            continue;
        }
        const target = a.form ? out.find((f) => f.id === a.form) ?? form : form;
        if (!target) continue;
        if (name === 'input' && a.name) {
            target.controls[a.name] = a;
            if ((a.type === 'checkbox' || a.type === 'radio') && !('checked' in a)) continue;
            if (a.type === 'file' || a.type === 'submit' || 'disabled' in a) continue;
            put(target, a.name, a.value ?? (a.type === 'checkbox' ? 'on' : ''));
        } else if (name === 'textarea' && !end) {
            target.controls[a.name] = a;
            const close = html.indexOf('</textarea', to);
            put(target, a.name, unescape(html.slice(to, close)).replace(/^\n/, ''));
        } else if (name === 'select') {
            if (!end) { select = { a, first: undefined, chosen: undefined }; target.controls[a.name] = { ...a, options: [] }; }
            else { if (!('disabled' in select.a)) put(target, select.a.name, select.chosen ?? select.first ?? ''); select = null; }
        } else if (name === 'option' && !end && select) {
            target.controls[select.a.name].options.push(a.value);
            select.first ??= a.value;
            if ('selected' in a) select.chosen = a.value;
        } else if (name === 'button' && !end) {
            target.buttons.push(a);
        }
    }
    return out;
}

export const links = (html) => tags(html).filter((t) => !t.end && t.name === 'a' && t.attributes.href).map((t) => t.attributes.href);
