// zip.mjs: the text of all entries of a ZIP file (XLSX), for searching. SPDX-License-Identifier: GPL-3.0-or-later
import zlib from 'node:zlib';

export function unzip(bytes) {
    const entries = {};
    let end = bytes.length - 22;
    while (end >= 0 && bytes.readUInt32LE(end) !== 0x06054b50) end--;
    if (end < 0) throw new Error('no ZIP file');
    let at = bytes.readUInt32LE(end + 16);
    for (let n = bytes.readUInt16LE(end + 10); n > 0; n--) {
        const method = bytes.readUInt16LE(at + 10), size = bytes.readUInt32LE(at + 20), nameLength = bytes.readUInt16LE(at + 28);
        const skip = bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32), local = bytes.readUInt32LE(at + 42);
        const name = bytes.toString('utf8', at + 46, at + 46 + nameLength);
        const from = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
        const data = bytes.subarray(from, from + size);
        entries[name] = (method === 8 ? zlib.inflateRawSync(data) : data).toString('utf8');
        at += 46 + nameLength + skip;
    }
    return entries;
}
