// xlsx.mjs: writes a small Excel workbook for tests: sheets of rows of texts, numbers and dates (Date), with shared
// nothing: inline strings, one style for dates. Stored, not packed. SPDX-License-Identifier: GPL-3.0-or-later
import { unzip } from './zip.mjs';

const table = Array.from({ length: 256 }, (_, n) => { for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1; return n >>> 0; });
const crc32 = (bytes) => { let c = 0xffffffff; for (const b of bytes) c = table[(c ^ b) & 255] ^ (c >>> 8); return (c ^ 0xffffffff) >>> 0; };

// {name: text or Buffer} -> a ZIP file.
export function zip(entries) {
    const parts = [], central = [];
    let at = 0;
    for (const [name, content] of Object.entries(entries)) {
        const bytes = Buffer.from(content), label = Buffer.from(name), head = Buffer.alloc(30), dir = Buffer.alloc(46);
        head.writeUInt32LE(0x04034b50, 0); head.writeUInt16LE(20, 4); head.writeUInt32LE(crc32(bytes), 14);
        head.writeUInt32LE(bytes.length, 18); head.writeUInt32LE(bytes.length, 22); head.writeUInt16LE(label.length, 26);
        dir.writeUInt32LE(0x02014b50, 0); dir.writeUInt16LE(20, 4); dir.writeUInt16LE(20, 6); dir.writeUInt32LE(crc32(bytes), 16);
        dir.writeUInt32LE(bytes.length, 20); dir.writeUInt32LE(bytes.length, 24); dir.writeUInt16LE(label.length, 28); dir.writeUInt32LE(at, 42);
        parts.push(head, label, bytes);
        central.push(dir, label);
        at += 30 + label.length + bytes.length;
    }
    const middle = Buffer.concat(central), end = Buffer.alloc(22), n = Object.keys(entries).length;
    end.writeUInt32LE(0x06054b50, 0); end.writeUInt16LE(n, 8); end.writeUInt16LE(n, 10); end.writeUInt32LE(middle.length, 12); end.writeUInt32LE(at, 16);
    return Buffer.concat([...parts, middle, end]);
}

const escape = (s) => String(s).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
const letters = (n) => (n >= 26 ? letters(Math.floor(n / 26) - 1) : '') + String.fromCharCode(65 + n % 26);
const serial = (d) => Math.round(d.getTime() / 86400000) + 25569;

function cell(v, row, column) {
    const at = `${letters(column)}${row}`;
    if (v === null || v === undefined || v === '') return '';
    if (v instanceof Date) return `<c r="${at}" s="1"><v>${serial(v)}</v></c>`;
    if (typeof v === 'number') return `<c r="${at}"><v>${v}</v></c>`;
    return `<c r="${at}" t="inlineStr"><is><t xml:space="preserve">${escape(v)}</t></is></c>`;
}

// sheets: {name: [[cell, ...], ...]}
export function workbook(sheets) {
    const names = Object.keys(sheets), xml = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
    const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main', rel = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
    const entries = {
        '[Content_Types].xml': `${xml}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>`,
        '_rels/.rels': `${xml}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r0" Type="${rel}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
        'xl/workbook.xml': `${xml}<workbook xmlns="${main}" xmlns:r="${rel}"><sheets>${names.map((n, i) => `<sheet name="${escape(n)}" sheetId="${i + 1}" r:id="s${i + 1}"/>`).join('')}</sheets></workbook>`,
        'xl/_rels/workbook.xml.rels': `${xml}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${names.map((n, i) => `<Relationship Id="s${i + 1}" Type="${rel}/worksheet" Target="worksheets/sheet${i + 1}.xml"/>`).join('')}</Relationships>`,
        'xl/styles.xml': `${xml}<styleSheet xmlns="${main}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>`,
    };
    names.forEach((n, i) => {
        const rows = sheets[n].map((row, r) => `<row r="${r + 1}">${row.map((v, c) => cell(v, r + 1, c)).join('')}</row>`).join('');
        entries[`xl/worksheets/sheet${i + 1}.xml`] = `${xml}<worksheet xmlns="${main}"><sheetData>${rows}</sheetData></worksheet>`;
    });
    return zip(entries);
}

// The bytes of a workbook with cells of its first sheet filled in, as a person does in Excel: {B2: 12.5, H2: 'text'}.
// Whatever stood in a cell is replaced; everything else of the file stays as it was.
export function filledIn(bytes, cells) {
    const entries = unzip(bytes), sheet = 'xl/worksheets/sheet1.xml';
    for (const [at, v] of Object.entries(cells)) {
        const [, name, row] = /^([A-Z]+)(\d+)$/.exec(at), index = (r) => [...r].reduce((n, ch) => n * 26 + ch.charCodeAt(0) - 64, 0);
        const line = new RegExp(`(<row r="${row}"[^>]*)(/>|>(.*?)</row>)`, 's');
        if (!line.test(entries[sheet])) throw new Error(`no row ${row}`);
        entries[sheet] = entries[sheet].replace(line, (_, head, tail, inner = '') => {
            const kept = (inner.match(/<c [^>]*?(?:\/>|>.*?<\/c>)/gs) ?? []).filter((c) => !c.startsWith(`<c r="${at}"`));
            const place = kept.findIndex((c) => index(/r="([A-Z]+)/.exec(c)[1]) > index(name));
            kept.splice(place < 0 ? kept.length : place, 0, cell(v, row, index(name) - 1));
            return `${head}>${kept.join('')}</row>`;
        });
    }
    return zip(entries);
}

// A multipart body: fields, and one file.
export function multipart(fields, file) {
    const mark = '----gardefou-test-5f3a', parts = [];
    for (const [name, value] of Object.entries(fields)) parts.push(Buffer.from(`--${mark}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`));
    parts.push(Buffer.from(`--${mark}\r\nContent-Disposition: form-data; name="${file.field}"; filename="${file.name}"\r\nContent-Type: application/octet-stream\r\n\r\n`), Buffer.from(file.bytes), Buffer.from(`\r\n--${mark}--\r\n`));
    return { body: Buffer.concat(parts), headers: { 'content-type': `multipart/form-data; boundary=${mark}` } };
}
