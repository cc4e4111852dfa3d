// csv.mjs: reads CSV as RFC 4180 says, with ',' or ';'. SPDX-License-Identifier: GPL-3.0-or-later
export function readCsv(text) {
    text = text.replace(/^\uFEFF/, '');
    const head = text.slice(0, text.search(/\r?\n|$/));
    const mark = head.split(';').length > head.split(',').length ? ';' : ',';
    const rows = [[]];
    let cell = '', quoted = false;
    for (let i = 0; i < text.length; i++) {
        const c = text[i];
        if (quoted) {
            if (c !== '"') cell += c;
            else if (text[i + 1] === '"') { cell += '"'; i++; }
            else quoted = false;
        } else if (c === '"' && cell === '') quoted = true;
        else if (c === mark) { rows.at(-1).push(cell); cell = ''; }
        else if (c === '\n' || c === '\r') {
            if (c === '\r' && text[i + 1] === '\n') i++;
            rows.at(-1).push(cell);
            cell = '';
            rows.push([]);
        } else cell += c;
    }
    if (cell !== '' || rows.at(-1).length) rows.at(-1).push(cell);
    else rows.pop();
    const [names, ...rest] = rows;
    return rest.map((r) => Object.fromEntries(names.map((n, i) => [n, r[i] ?? ''])));
}
