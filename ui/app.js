/* app.js: comfort on top of pages that work without it: dialogs, keys, type-ahead, drafts, presets, child
   rows, bulk choice, theme. It builds no markup from data (text nodes only) and keeps no state but drafts
   and view choices in this browser. SPDX-License-Identifier: GPL-3.0-or-later */
(() => {
  'use strict';
  const $ = (s, r = document) => r.querySelector(s);
  const $$ = (s, r = document) => [...r.querySelectorAll(s)];
  const root = document.documentElement;
  const store = {
    get(k) { try { return localStorage.getItem(k); } catch { return null; } },
    set(k, v) { try { v === null ? localStorage.removeItem(k) : localStorage.setItem(k, v); } catch { /* full or forbidden */ } },
  };
  const el = (tag, text, look) => {
    const e = document.createElement(tag);
    if (text) e.textContent = text;
    if (look) e.className = look;
    return e;
  };
  const same = (href) => new URL(href, location.href).origin === location.origin;

  /* ---- view choices ---- */
  if (store.get('density') === 'dense') root.classList.add('dense');
  for (const b of $$('[data-density]')) {
    b.hidden = false;
    b.addEventListener('click', () => store.set('density', root.classList.toggle('dense') ? 'dense' : null));
  }

  /* Places of the navigation that were turned over: the server draws them so the next time. */
  const turn = (name, is) => {
    const list = (/(?:^|; )rail=([^;]*)/.exec(document.cookie)?.[1] || '').split('.').filter((x) => x && x !== name);
    if (is) list.push(name);
    document.cookie = `rail=${list.join('.')};path=/;max-age=31536000;samesite=lax${location.protocol === 'https:' ? ';secure' : ''}`;
  };
  for (const d of $$('details[data-place]')) $('summary', d).addEventListener('click', () => turn(d.dataset.place, !d.open === 'seldom' in d.dataset));
  for (const b of $$('[data-narrow]')) { b.hidden = false; b.addEventListener('click', () => turn('narrow', document.body.classList.toggle('narrow'))); }

  /* ---- long lists of choices: with a script they come when a form is touched; the server is told that one runs ---- */
  if (!/(?:^|; )lists=later/.test(document.cookie)) document.cookie = `lists=later;path=/;samesite=lax${location.protocol === 'https:' ? ';secure' : ''}`;
  const listKey = (s) => (s.form?.getAttribute('action') || '') + ' ' + s.name.replace(/\[\d+\]/, '[]');
  const fillLists = async (form) => {
    const waiting = () => $$('select[data-later]', form);
    if (!waiting().length) return;
    form.wholeLists ||= (async () => {
      const r = await fetch(form.dataset.from || location.href, { headers: { Accept: 'text/html', 'X-Lists': 'full' } });
      if (!r.ok || r.redirected) throw new Error();
      const page = new DOMParser().parseFromString(await r.text(), 'text/html');
      return new Map($$('select', page).map((s) => [listKey(s), s]));
    })().catch(() => { form.wholeLists = null; return new Map(); });
    const whole = await form.wholeLists;
    for (const s of waiting()) {
      const from = whole.get(listKey(s)), now = s.value, label = s.selectedOptions[0]?.textContent;
      if (!from) continue;
      s.replaceChildren(...from.cloneNode(true).childNodes);
      if (now && ![...s.options].some((o) => o.value === now)) s.add(new Option(label, now));
      s.value = now;
      delete s.dataset.later;
      if (s.dataset.shadow) s.dispatchEvent(new Event('preset'));
    }
  };
  const put = (i, v) => {
    if (i.tagName === 'SELECT' && 'later' in i.dataset && ![...i.options].some((o) => o.value === v)) i.add(new Option(v, v));
    i.value = v;
  };

  /* ---- menus ---- */
  const closeMenus = (except) => $$('details.menu[open]').forEach((d) => { if (!except || !d.contains(except)) d.open = false; });
  document.addEventListener('click', (e) => closeMenus(e.target));

  /* ---- forms: one submission, errors first, drafts ---- */
  document.addEventListener('submit', (e) => {
    const form = e.target;
    if (form.method === 'dialog') return;
    if (form.dataset.sent) { e.preventDefault(); return; }
    if (form.method === 'get') {
      for (const i of $$('input, select', form)) if (i.name && i.value === '') i.disabled = true;
      return;
    }
    form.dataset.sent = '1';
    if (e.submitter) e.submitter.dataset.busy = '';
    if ('autosave' in form.dataset) store.set(draftKey(form), null);
  });
  window.addEventListener('pageshow', () => {
    for (const f of $$('form')) delete f.dataset.sent;
    for (const b of $$('[data-busy]')) delete b.dataset.busy;
    for (const i of $$('form[method="get"] :disabled')) i.disabled = false;
  });
  const errors = $('[data-errors]');
  if (errors) errors.focus();
  else if (matchMedia('(pointer: fine)').matches) { const first = $('form.numbered textarea'); if (first && !first.value) first.focus({ preventScroll: true }); else if (!first) $('.bare-card form.form input:not([type="hidden"])')?.focus({ preventScroll: true }); $('form.answers input[type="radio"]')?.focus({ preventScroll: true }); }
  /* Sheets of questions: a digit chooses that answer and goes on to the next question. */
  document.addEventListener('keydown', (e) => {
    const form = e.target.closest && e.target.closest('form.answers');
    if (!form || !/^[1-9]$/.test(e.key) || e.ctrlKey || e.metaKey || e.altKey || e.target.type !== 'radio') return;
    const all = $$(`input[type="radio"][name="${CSS.escape(e.target.name)}"]`, form);
    if (!all[e.key - 1]) return;
    e.preventDefault();
    all[e.key - 1].click();
    const asked = $$('input[type="radio"], input[type="text"], button[data-submit]', form);
    const next = asked[asked.indexOf(all[all.length - 1]) + 1];
    const to = next && next.type === 'radio' ? $(`input[name="${CSS.escape(next.name)}"]:checked`, form) || next : next;
    if (to) { to.focus(); to.scrollIntoView({ block: 'nearest' }); }
  });
  document.addEventListener('invalid', (e) => {
    const d = e.target.closest('details:not([open])');
    if (d) d.open = true;
  }, true);
  document.addEventListener('click', (e) => {
    const part = e.target.closest('.form-nav a'), folded = part && document.getElementById(part.hash.slice(1));
    if (folded && folded.matches('details')) folded.open = true;
    const a = e.target.closest('[data-errors] a');
    if (!a) return;
    const t = document.getElementById(a.hash.slice(1));
    const d = t && t.closest('details:not([open])');
    if (d) d.open = true;
    const f = t && (t.matches('input, select, textarea') ? t : $('input, select, textarea', t));
    if (f) { e.preventDefault(); f.focus(); f.scrollIntoView({ block: 'center' }); }
  });

  /* The questions of a declaration stand on more than one page: one draft of them. */
  const draftKey = (form) => 'draft:' + root.lang + ':' + (form.matches('.numbered') ? '' : location.pathname) + ':' + (form.id || form.getAttribute('action'));
  const keeps = (i) => i.name && !i.name.startsWith('_') && i.name !== 'version' && !['password', 'file', 'hidden'].includes(i.type);
  const values = (form) => [...form.elements].filter((i) => keeps(i) && !(/checkbox|radio/.test(i.type) && !i.checked))
    .flatMap((i) => i.multiple ? [...i.selectedOptions].map((o) => [i.name, o.value]) : [[i.name, i.value]]);
  const restore = (form, list) => {
    const left = new Map();
    for (const [n, v] of list) left.set(n, [...(left.get(n) || []), v]);
    for (const n of left.keys()) {
      const m = /^(.*)\[(\d+)\]\./.exec(n);
      const box = m && $$('[data-child]', form).find((b) => b.dataset.child === m[1]);
      while (box && $$('[data-child-row]', $('[data-child-rows]', box)).length <= +m[2] && +m[2] < 100) addRow(box);
    }
    for (const i of form.elements) {
      if (!keeps(i)) continue;
      const v = left.get(i.name) || [];
      if (/checkbox|radio/.test(i.type)) i.checked = v.includes(i.value);
      else if (i.multiple) for (const o of i.options) o.selected = v.includes(o.value);
      else if (v.length) put(i, v.shift());
    }
  };

  const wireForm = (form) => {
    if ('autosave' in form.dataset) {
      const key = draftKey(form), fresh = values(form), note = $('[data-draft]', form), saved = $('[data-saved]', form);
      const kept = store.get(key);
      if (kept && !$('[data-errors]', form)) {
        try {
          const draft = JSON.parse(kept);
          if (JSON.stringify(draft) !== JSON.stringify(fresh)) {
            restore(form, draft);
            note.hidden = false;
            $('button', note).addEventListener('click', () => { store.set(key, null); location.reload(); });
          }
        } catch { store.set(key, null); }
      }
      let timer;
      form.addEventListener('input', () => {
        clearTimeout(timer);
        timer = setTimeout(() => {
          if (form.dataset.sent) return;
          store.set(key, JSON.stringify(values(form)));
          if (saved) saved.textContent = saved.dataset.words;
        }, 700);
      });
      for (const a of $$('[data-cancel]', form)) a.addEventListener('click', () => store.set(key, null));
    }
    if (form.dataset.live && same(form.dataset.live)) {
      const out = $('[data-live-out]', form);
      let timer, run = 0;
      form.addEventListener('input', () => {
        clearTimeout(timer);
        timer = setTimeout(async () => {
          const mine = ++run;
          try {
            const r = await fetch(form.dataset.live, { method: 'POST', body: new URLSearchParams(new FormData(form)) });
            if (!r.ok || mine !== run) return;
            const page = new DOMParser().parseFromString(await r.text(), 'text/html');
            out.replaceChildren(...($('main', page) || page.body).childNodes);
          } catch { /* the figures come after the save */ }
        }, 400);
      });
    }
    for (const how of ['focusin', 'pointerover']) form.addEventListener(how, () => fillLists(form));
    for (const i of $$('[data-lookup]', form)) lookup(i);
    for (const t of $$('textarea[data-mention]', form)) mentions(t);
    for (const s of $$('select[data-typeahead]', form)) typeahead(s);
    for (const c of $$('[data-child]', form)) wireRows(c);
    for (const p of $$('[data-picker]', form)) picker(p);
    /* What counts with one answer only is shown with that answer, or while it holds something. */
    const asked = $$('[data-only-if]', form);
    const answer = (name) => { const i = [...form.elements].filter((x) => x.name === name && x.type !== 'hidden'); const one = i.find((x) => x.checked) || i[0]; return !one ? null : one.type === 'checkbox' ? String(one.checked) : one.type === 'radio' && !one.checked ? '' : one.value; };
    const show = () => {
      for (const f of asked) {
        const [name, values] = f.dataset.onlyIf.split('='), now = answer(name);
        const holds = $$('input, select, textarea', f).some((i) => i.type !== 'hidden' && (/checkbox|radio/.test(i.type) ? i.checked : i.value && !i.name.endsWith('.currency')));
        f.classList.toggle('off', now !== null && !values.split('|').includes(now) && !holds);
      }
    };
    if (asked.length) { form.addEventListener('change', show); show(); }
    /* A folded part says how much of it is filled. */
    form.addEventListener('change', (e) => e.target.closest('[data-default]')?.removeAttribute('data-default'));
    for (const note of $$('summary [data-filled]', form)) note.closest('details').addEventListener('toggle', (e) => {
      const fields = $$('.field', e.target).filter((f) => !f.matches('.off, .child-row *'));
      const n = fields.filter((f) => !('default' in f.dataset) && $$('input, select, textarea', f).some((i) => i.type !== 'hidden' && !i.name.endsWith('.currency') && (/checkbox|radio/.test(i.type) ? i.checked : i.value))).length;
      if (!e.target.open && e.target.matches('.group')) note.textContent = note.dataset.filled.replace('{0}', n).replace('{1}', fields.length);
    });
    for (const f of $$('input[type="date"]', form)) { const n = f.parentNode.querySelector('[data-date-hint]'); if (n && f.type === 'date') n.hidden = true; }
  };

  /* A choice that presets others: {option: {field: value}}. What the person changed stays. */
  document.addEventListener('change', (e) => {
    const holder = e.target.closest('[data-preset]');
    if (!holder || !e.target.form) return;
    let map;
    try { map = JSON.parse(holder.dataset.preset)[e.target.value] || {}; } catch { return; }
    for (const [name, value] of Object.entries(map)) {
      for (const i of e.target.form.elements) {
        if (i.name !== name || i.dataset.touched) continue;
        if (/checkbox|radio/.test(i.type)) i.checked = i.value === String(value);
        else { put(i, value); if (i.dataset.shadow) i.dispatchEvent(new Event('preset')); }
      }
    }
  });
  document.addEventListener('input', (e) => { if (e.isTrusted && e.target.dataset) e.target.dataset.touched = '1'; });

  /* ---- pickers: a folded list of groups, searched by words; a choice folds it again ---- */
  function picker(box) {
    const more = $('details', box), search = $('[data-picker-search]', box), shown = $('[data-picked]', box), none = $('[data-picker-none]', box);
    const ask = $('input', search), words = box.dataset.picker, radios = $$('input[type="radio"]', box);
    const labels = $$('.picker-list label', box);
    search.hidden = false;
    const narrow = () => {
      const want = fold(ask.value).split(/\s+/).filter(Boolean);
      for (const l of labels) l.hidden = !want.every((w) => fold(l.textContent).includes(w));
      for (const g of $$('.picker-group', box)) g.hidden = !$$('label', g).some((l) => !l.hidden);
      none.hidden = labels.some((l) => !l.hidden);
    };
    ask.addEventListener('input', (e) => { e.stopPropagation(); narrow(); });
    ask.addEventListener('keydown', (e) => {
      if (e.key !== 'Enter') return;
      e.preventDefault();
      const l = labels.find((x) => !x.hidden);
      if (l) l.click();
    });
    more.addEventListener('toggle', () => { if (more.open) { ask.value = ''; narrow(); if (matchMedia('(pointer: fine)').matches) ask.focus(); } });
    let keys = false;
    box.addEventListener('keydown', (e) => { keys = e.key.startsWith('Arrow'); });
    box.addEventListener('pointerdown', () => { keys = false; });
    const tell = () => {
      const now = radios.find((r) => r.checked), far = now && more.contains(now);
      shown.textContent = far ? now.parentNode.textContent.trim() : words;
      $('summary', more).classList.toggle('chosen', Boolean(far));
    };
    box.addEventListener('change', (e) => { if (e.target.type === 'radio') { tell(); if (!keys) more.open = false; } else e.stopPropagation(); });
  }

  /* ---- child rows ---- */
  function renumber(box) {
    $$('[data-child-row]', $('[data-child-rows]', box)).forEach((row, n) => {
      for (const i of $$('[name], [id], [for], [aria-describedby]', row)) {
        for (const a of ['name', 'id', 'for', 'aria-describedby']) {
          const v = i.getAttribute(a);
          if (!v) continue;
          const to = a === 'name' ? v.replace(/\[\d+\]/, `[${n}]`) : v.replace(/-\d+-/g, `-${n}-`);
          if (to !== v) i.setAttribute(a, to);
        }
      }
    });
  }
  function addRow(box) {
    // The empty line that stands there for browsers without a script is the pattern of new ones.
    const rows = $('[data-child-rows]', box), pattern = document.createElement('template');
    pattern.innerHTML = $(':scope > noscript', box).textContent;
    const row = pattern.content.firstElementChild;
    rows.append(row);
    renumber(box);
    wireRow(box, row);
    for (const i of $$('[data-lookup]', row)) lookup(i);
    for (const s of $$('select[data-typeahead]', row)) typeahead(s);
    return row;
  }
  function wireRow(box, row) {
    const b = $('[data-child-remove]', row);
    if (!b) return;
    b.hidden = false;
    b.addEventListener('click', () => { row.remove(); renumber(box); $('[data-child-add]', box).focus(); box.dispatchEvent(new Event('input', { bubbles: true })); });
  }
  function wireRows(box) {
    const add = $('[data-child-add]', box);
    for (const row of $$('[data-child-rows] > [data-child-row]', box)) wireRow(box, row);
    if (!add) return;
    add.hidden = false;
    add.addEventListener('click', () => { const f = $('input, select, textarea', addRow(box)); if (f) f.focus(); });
  }

  /* ---- type-ahead ---- */
  function combo(input, find, choose) {
    const list = el('ul', '', 'lookup-list');
    const box = input.parentNode;
    let items = [], at = -1, timer, run = 0;
    list.hidden = true;
    list.id = input.id + '-list';
    list.setAttribute('role', 'listbox');
    box.append(list);
    const text = input.tagName === 'TEXTAREA'; // stays a text box for readers of the screen
    const said = (open) => { if (!text) input.setAttribute('aria-expanded', String(open)); if (!open) input.removeAttribute('aria-activedescendant'); };
    input.setAttribute(text ? 'aria-autocomplete' : 'role', text ? 'list' : 'combobox');
    input.setAttribute('aria-controls', list.id);
    said(false);
    const close = () => { list.hidden = true; at = -1; said(false); };
    const mark = () => [...list.children].forEach((li, i) => {
      li.setAttribute('aria-selected', String(i === at));
      if (i === at) { li.scrollIntoView({ block: 'nearest' }); input.setAttribute('aria-activedescendant', li.id); }
    });
    const take = (i) => { choose(items[i]); close(); };
    const show = (found) => {
      items = found.slice(0, 50);
      list.replaceChildren(...items.map((x, i) => {
        const li = el('li');
        li.id = `${list.id}-${i}`;
        li.setAttribute('role', 'option');
        if (x.key && x.key !== x.text && !x.plain) { const k = el('small', x.key); k.dir = 'ltr'; li.append(k); }
        const t = el('bdi', x.text || x.key);
        li.append(t);
        li.addEventListener('mousedown', (e) => { e.preventDefault(); take(i); });
        return li;
      }));
      at = items.length ? 0 : -1;
      list.hidden = !items.length;
      said(!list.hidden);
      mark();
    };
    const ask = () => { clearTimeout(timer); timer = setTimeout(async () => { const mine = ++run; const f = await find(input.value.trim()); if (mine === run && document.activeElement === input) show(f); }, 140); };
    input.addEventListener('input', ask);
    input.addEventListener('focus', () => { if (find.eager) ask(); });
    input.addEventListener('blur', close);
    input.addEventListener('keydown', (e) => {
      if (list.hidden) { if (e.key === 'ArrowDown') ask(); return; }
      if (e.key === 'ArrowDown' || e.key === 'ArrowUp') { e.preventDefault(); at = (at + (e.key === 'ArrowDown' ? 1 : -1) + items.length) % items.length; mark(); }
      else if (e.key === 'Enter' && at >= 0) { e.preventDefault(); take(at); }
      else if (e.key === 'Escape') { e.stopPropagation(); e.preventDefault(); close(); }
    });
  }

  function lookup(input) {
    if (input.dataset.shadow || !same(input.dataset.lookup)) return;
    const hidden = el('input');
    hidden.type = 'hidden';
    hidden.name = input.name;
    hidden.value = input.value;
    input.dataset.shadow = '1';
    input.removeAttribute('name');
    if (input.dataset.text) input.value = input.dataset.text;
    const note = $('[data-lookup-note]', input.parentNode);
    if (note) note.hidden = true;
    input.after(hidden);
    input.addEventListener('input', () => { hidden.value = input.value; });
    combo(input, async (q) => {
      if (q.length < 1) return [];
      try {
        const u = new URL(input.dataset.lookup, location.href);
        u.searchParams.set('q', q);
        const r = await fetch(u, { headers: { Accept: 'application/json' } });
        return r.ok ? ((await r.json()).items || []) : [];
      } catch { return []; }
    }, (x) => { hidden.value = x.key; input.value = x.text || x.key; hidden.dispatchEvent(new Event('change', { bubbles: true })); });
  }

  /* @name in a comment: people who may read the record, under the text. */
  function mentions(area) {
    if (area.dataset.shadow || !same(area.dataset.mention)) return;
    area.dataset.shadow = '1';
    const box = el('span', '', 'lookup');
    area.before(box);
    box.append(area);
    const word = () => /(?:^|[^\w.@+-])@([\p{L}\p{N}._-]*)$/u.exec(area.value.slice(0, area.selectionStart));
    const find = async () => {
      const q = word();
      if (!q || !q[1]) return [];
      try {
        const u = new URL(area.dataset.mention, location.href);
        u.searchParams.set('q', q[1]);
        const r = await fetch(u, { headers: { Accept: 'application/json' } });
        return r.ok ? ((await r.json()).items || []) : [];
      } catch { return []; }
    };
    combo(area, find, (x) => {
      const q = word();
      if (!q) return;
      const end = area.selectionStart, start = end - q[1].length, name = x.key + ' ';
      area.setRangeText(name, start, end, 'end');
      area.focus();
      area.dispatchEvent(new Event('input', { bubbles: true }));
    });
  }

  const fold = (s) => s.normalize('NFKD').replace(/[\u0300-\u036f\u064b-\u0652\u0640]/g, '').replace(/[أإآ]/g, 'ا').toLowerCase();
  function typeahead(select) {
    if (select.dataset.shadow) return;
    select.dataset.shadow = '1';
    const input = el('input'), box = el('span', '', 'lookup');
    const chosen = () => (select.value ? select.selectedOptions[0].textContent.trim() : '');
    input.type = 'text';
    input.autocomplete = 'off';
    input.id = select.id;
    for (const a of ['aria-describedby', 'aria-invalid', 'required']) if (select.hasAttribute(a)) input.setAttribute(a, select.getAttribute(a));
    select.removeAttribute('id');
    input.placeholder = select.options[0] && !select.options[0].value ? select.options[0].textContent : '';
    input.value = chosen();
    select.hidden = true;
    select.before(box);
    box.append(input, select);
    select.addEventListener('preset', () => { if (document.activeElement !== input) input.value = chosen(); });
    input.addEventListener('focus', () => input.select());
    input.addEventListener('blur', () => { if (!input.value.trim()) select.value = ''; input.value = chosen(); });
    const find = async (q) => {
      const words = fold(q === chosen() ? '' : q).split(/\s+/);
      if (select.form) await fillLists(select.form);
      return [...select.options].filter((o) => o.value && words.every((w) => fold(o.textContent).includes(w)))
        .map((o) => ({ key: o.value, text: q && q !== chosen() ? o.textContent.trim() : o.textContent, plain: true }));
    };
    find.eager = true;
    combo(input, find, (x) => { select.value = x.key; input.value = chosen(); select.dispatchEvent(new Event('change', { bubbles: true })); });
  }

  /* ---- steps that ask: their page's form in a dialog ---- */
  const dialog = $('#dialog');
  document.addEventListener('click', async (e) => {
    const a = e.target.closest('a[data-dialog], .rows a.button[href*="/do/"]');
    if (!a || !dialog || e.defaultPrevented || e.ctrlKey || e.metaKey || e.shiftKey || e.button || !same(a.href)) return;
    e.preventDefault();
    try {
      const r = await fetch(a.href);
      if (!r.ok || r.redirected) throw new Error();
      const page = new DOMParser().parseFromString(await r.text(), 'text/html');
      const form = $('main form.form', page);
      if (!form || (!('dialog' in a.dataset) && $('main .section', page))) throw new Error(); /* what is to be read first is no dialog */
      const head = el('header', '', 'dialog-head'), title = el('h2', ($('h1', page) || form).firstChild.textContent.trim() || a.textContent);
      const shut = el('button', '×', 'icon-button');
      shut.type = 'button';
      shut.setAttribute('aria-label', $('#keys .icon-button')?.getAttribute('aria-label') || 'Close');
      shut.addEventListener('click', () => dialog.close());
      head.append(title, shut);
      const notes = $$('main .notice', page);
      dialog.setAttribute('aria-label', title.textContent);
      form.dataset.from = a.href;
      dialog.replaceChildren(head, ...notes, document.adoptNode(form));
      closeMenus();
      wireForm(form);
      for (const c of $$('[data-cancel]', form)) c.addEventListener('click', (x) => { x.preventDefault(); dialog.close(); });
      dialog.showModal();
      const first = $('input:not([type="hidden"]), select, textarea', form);
      if (first) first.focus();
    } catch { location.href = a.href; }
  });
  if (dialog) dialog.addEventListener('click', (e) => { if (e.target === dialog) dialog.close(); });

  /* ---- figures: what a cell says to readers of the screen is shown to who points at it; an arrow of a drawing of
     movements says and opens what its line of the table does ---- */
  document.addEventListener('pointerover', (e) => {
    const a = e.target.closest?.('.matrix a:not([title])'), words = a && $('.hush', a), g = e.target.closest?.('.moves g[data-row]');
    if (words) a.title = words.textContent;
    if (!g || $('title', g)) return;
    const title = document.createElementNS('http://www.w3.org/2000/svg', 'title');
    title.textContent = moveOf(g).slice(0, 3).map((c) => c.textContent.trim()).join(root.dir === 'rtl' ? ' \u2190 ' : ' \u2192 ').replace(/ [\u2190\u2192] (?=[^\u2190\u2192]*$)/, ': ');
    g.prepend(title);
  });
  const moveOf = (g) => [...$$('tbody tr', g.closest('figure'))[+g.dataset.row].cells];
  document.addEventListener('click', (e) => {
    const g = e.target.closest?.('.moves g[data-row]');
    if (g) $('a', moveOf(g)[2])?.click();
  });

  /* ---- filters: a page of its own without script, here a panel that is loaded when it is opened ---- */
  for (const a of $$('a[data-filters]')) {
    const menu = el('details', '', 'menu filters'), button = el('summary', '', a.className), panel = el('div', '', 'menu-body filter-panel'), form = a.closest('form');
    let asked = null;
    const fill = async () => {
      const r = await fetch(a.href);
      const page = r.ok && !r.redirected && new DOMParser().parseFromString(await r.text(), 'text/html'), full = page && $('.filter-page', page);
      if (!full) throw new Error();
      for (const i of $$('input[type="hidden"]', form)) i.remove();
      form.prepend(...$$('input[type="hidden"]', full));
      panel.replaceChildren(...$('.filter-panel', full).childNodes);
    };
    const ask = () => { asked ||= fill().catch(() => { asked = null; if (menu.open) location.href = a.href; }); };
    button.append(...a.childNodes);
    menu.append(button, panel);
    a.replaceWith(menu);
    button.addEventListener('pointerenter', ask);
    menu.addEventListener('toggle', () => { if (menu.open) ask(); });
  }

  /* ---- lists ---- */
  for (const form of $$('[data-bulk]')) {
    const all = $('[data-all]', form), count = $('.bulk-count', form);
    const boxes = () => $$('tbody .pick input', form);
    let last = null;
    if (all) all.hidden = false;
    const tell = () => {
      const n = boxes().filter((b) => b.checked).length;
      if (all) { all.checked = n > 0 && n === boxes().length; all.indeterminate = n > 0 && !all.checked; }
      count.textContent = n === 1 ? count.dataset.one : count.dataset.many.replace('{0}', n);
    };
    form.addEventListener('change', (e) => { if (e.target === all) boxes().forEach((b) => { b.checked = all.checked; }); tell(); });
    form.addEventListener('click', (e) => {
      const b = e.target.closest('.pick input[name]');
      if (!b) return;
      const list = boxes();
      if (e.shiftKey && last) { const [i, k] = [list.indexOf(last), list.indexOf(b)].sort((x, y) => x - y); list.slice(i, k + 1).forEach((x) => { x.checked = b.checked; }); tell(); }
      last = b;
    });
  }

  /* ---- boards: a card is dragged, or picked up with Space and moved by arrows; both press its own step ---- */
  for (const board of $$('[data-board]')) {
    const say = $('[data-board-say]', board.parentNode), columns = $$('[data-column]', board);
    const tell = (words, ...parts) => { say.textContent = parts.reduce((t, p, i) => t.replace(`{${i}}`, p), say.dataset[words]); };
    const steps = (card) => new Map($$('[data-to]', card).filter((d) => !$('[aria-disabled]', d)).map((d) => [d.dataset.to, $('a, form button', d)]));
    const number = (card) => card.dataset.card;
    let held = null, target = null, may = null;
    const aim = (column) => { target = column; for (const c of columns) c.toggleAttribute('data-over', c === column); };
    const pick = (card) => { held = card; may = steps(card); card.dataset.held = ''; for (const c of columns) c.toggleAttribute('data-may', may.has(c.dataset.column)); aim(null); };
    const release = () => { if (held) delete held.dataset.held; held = null; for (const c of columns) c.removeAttribute('data-may'); aim(null); };
    const drop = () => { const b = target && may.get(target.dataset.column); release(); if (b) b.click(); };
    for (const card of $$('[data-moves]', board)) {
      card.draggable = true;
      card.tabIndex = 0;
      card.addEventListener('dragstart', (e) => { pick(card); e.dataTransfer.effectAllowed = 'move'; e.dataTransfer.setData('text/plain', number(card)); });
      card.addEventListener('dragend', release);
      card.addEventListener('keydown', (e) => {
        if (e.target !== card || e.ctrlKey || e.metaKey || e.altKey) return;
        const arrow = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
        if (e.key === ' ' && !held) { e.preventDefault(); pick(card); tell(may.size ? 'held' : 'cannot', number(card)); if (!may.size) release(); }
        else if (!held) return;
        else if (arrow) {
          const open = columns.filter((c) => may.has(c.dataset.column)), own = columns.indexOf(card.closest('[data-column]'));
          const by = arrow * (root.dir === 'rtl' ? -1 : 1), at = target ? columns.indexOf(target) : own;
          const next = by > 0 ? open.find((c) => columns.indexOf(c) > at) : open.findLast((c) => columns.indexOf(c) < at);
          e.preventDefault();
          if (next) { aim(next); next.scrollIntoView({ block: 'nearest', inline: 'nearest' }); tell('over', number(card), next.dataset.label); }
        } else if ((e.key === 'Enter' || e.key === ' ') && target) { e.preventDefault(); drop(); }
        else if (e.key === 'Escape' || e.key === 'Tab' || e.key === 'Enter' || e.key === ' ') { if (e.key !== 'Tab') e.preventDefault(); e.stopPropagation(); tell('back', number(card)); release(); }
      });
    }
    for (const column of columns) {
      column.addEventListener('dragover', (e) => { if (held && may.has(column.dataset.column)) { e.preventDefault(); e.dataTransfer.dropEffect = 'move'; aim(column); } });
      column.addEventListener('dragleave', (e) => { if (target === column && !column.contains(e.relatedTarget)) aim(null); });
      column.addEventListener('drop', (e) => { if (held) { e.preventDefault(); drop(); } });
    }
  }

  /* ---- panes become tabs ---- */
  for (const box of $$('[data-panes]')) {
    const panes = [...box.children].filter((p) => $('.section-title', p));
    if (panes.length < 2) continue;
    const bar = el('div', '', 'pane-tabs');
    bar.setAttribute('role', 'tablist');
    const buttons = panes.map((p, i) => {
      const b = el('button', $('.section-title', p).textContent);
      p.id ||= `pane-${i}`;
      b.type = 'button';
      b.setAttribute('role', 'tab');
      b.setAttribute('aria-controls', p.id);
      p.setAttribute('role', 'tabpanel');
      b.addEventListener('click', () => { open(i); history.replaceState(null, '', '#' + p.id); });
      return b;
    });
    const open = (n) => panes.forEach((p, i) => { p.hidden = i !== n; buttons[i].setAttribute('aria-selected', String(i === n)); buttons[i].tabIndex = i === n ? 0 : -1; });
    bar.addEventListener('keydown', (e) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
      if (!step) return;
      const n = (buttons.indexOf(document.activeElement) + step * (root.dir === 'rtl' ? -1 : 1) + panes.length) % panes.length;
      open(n);
      buttons[n].focus();
    });
    bar.append(...buttons);
    box.prepend(bar);
    open(Math.max(0, panes.findIndex((p) => '#' + p.id === location.hash || (location.hash.length > 1 && p.querySelector('#' + CSS.escape(location.hash.slice(1)))))));
  }

  /* ---- theme, at once ---- */
  document.addEventListener('submit', async (e) => {
    const b = e.submitter;
    if (!b || b.name !== 'theme') return;
    e.preventDefault();
    const form = e.target, theme = b.value, data = new FormData(form, b);
    delete form.dataset.sent;
    delete b.dataset.busy;
    root.dataset.theme = theme;
    b.value = { light: 'dark', dark: 'auto', auto: 'light' }[theme];
    const use = $('use', b);
    use.setAttribute('href', use.getAttribute('href').replace(/#.*/, { light: '#sun', dark: '#moon', auto: '#brightness' }[theme]));
    try { await fetch(form.action, { method: 'POST', body: new URLSearchParams(data), redirect: 'manual', keepalive: true }); } catch { /* next time */ } // also when the page is left
  });

  /* ---- keys ---- */
  const keys = $('#keys');
  for (const b of $$('[data-keys]')) { b.hidden = false; b.addEventListener('click', () => { closeMenus(); keys.showModal(); }); }
  let here = null;
  const move = (step) => {
    const rows = $$('table[data-rows] tbody tr');
    if (!rows.length) return;
    const n = Math.min(rows.length - 1, Math.max(0, rows.indexOf(here) + step));
    if (here) here.removeAttribute('data-here');
    here = rows[n];
    here.setAttribute('data-here', '');
    here.scrollIntoView({ block: 'nearest' });
    const link = $('.row-link', here);
    if (link) link.focus({ preventScroll: true });
  };
  document.addEventListener('keydown', (e) => {
    if (e.key === 'Escape') { const open = $('details.menu[open]'); closeMenus(); if (open) $('summary', open).focus(); const d = $('#drawer'); if (d) d.checked = false; }
    if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest('input, select, textarea, dialog')) {
      if (e.key === 'Enter' && (e.ctrlKey || e.metaKey) && e.target.form) { e.preventDefault(); e.target.form.requestSubmit($('[data-submit]', e.target.form) || undefined); }
      return;
    }
    const act = {
      '/': () => { const s = $('[data-search]'); if (s) s.select(); },
      '?': () => keys && keys.showModal(),
      j: () => move(1),
      k: () => move(-1),
      x: () => { const b = here && $('.pick input', here); if (b) b.click(); },
      n: () => { const a = $('.top .create'); if (a) a.click(); },
      e: () => { const a = $('.page-buttons a[href$="/edit"]'); if (a) a.click(); },
    }[e.key];
    if (act) { e.preventDefault(); act(); }
  });

  /* ---- something is under way: the page's content again until it has ended ---- */
  const again = async (main) => {
    const wait = +main.dataset.refresh * 1000;
    try {
      const r = await fetch(location.href, { headers: { Accept: 'text/html' } });
      if (!r.ok || r.redirected) { location.reload(); return; }
      const page = new DOMParser().parseFromString(await r.text(), 'text/html'), fresh = $('#main', page);
      if (!fresh) { location.reload(); return; }
      const held = main.contains(document.activeElement) ? document.activeElement.textContent : '';
      main.replaceChildren(...fresh.childNodes);
      document.title = page.title;
      if (held) $$('button, a', main).find((b) => b.textContent === held)?.focus();
      if (fresh.dataset.refresh) setTimeout(again, wait, main);
      else { delete main.dataset.refresh; for (const f of $$('form.form', main)) wireForm(f); }
    } catch { setTimeout(again, wait * 3, main); }
  };
  const underWay = $('main[data-refresh]');
  if (underWay) setTimeout(again, 300, underWay);

  for (const f of $$('form.form')) wireForm(f);
})();
