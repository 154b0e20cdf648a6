'use strict';
// Reads the report that stands in this page, lists its subjects and shows one of them. Text of the report only ever goes into text nodes:
// names and messages are written by strangers.
(() => {
  let begun = false;
  const begin = () => {
    if (begun) return;
    begun = true;
    main();
  };
  // The frame of the page is shown before its many megabytes are read; a tab in the background has no frames.
  requestAnimationFrame(() => setTimeout(begin));
  setTimeout(begin, 500);
})();

function main() {
  const byId = (id) => document.getElementById(id);
  const dataNode = byId('data');
  const data = JSON.parse(dataNode.textContent);
  dataNode.remove(); // half of the page's memory

  const SEVERITIES = ['info', 'low', 'medium', 'high', 'critical'];
  const WEIGHTS = [0, 1, 3, 5, 10];
  const TIERS = ['critical', 'standard', 'auxiliary', 'exempt'];
  const PASS = 0, WARN = 1, FAIL = 2, UNKNOWN = 3, WAIVED = 5, ATTESTED = 6;
  const READY = ['not ready', 'ready', 'not known'];
  const WORKLOAD = 0, NAMESPACE = 1, BUDGET = 2, NODE = 3, CLUSTER = 4;
  const VIEWS = [['workloads', 'Workloads'], ['namespaces', 'Namespaces'], ['nodes', 'Nodes'], ['cluster', 'Cluster'], ['checks', 'Checks']];
  const VIEW_OF = ['workloads', 'namespaces', 'namespaces', 'nodes', 'cluster'];
  const ROW_HEIGHT = 42;

  const text = (index) => data.strings[index];
  const check = (index) => {
    const [id, title, section, severity, rule, why, fix, source] = data.checks[index];
    return {index, id, title: title || id, section, severity, rule, why, fix, source};
  };
  const checks = data.checks.map((_, index) => check(index));

  // ---- rows --------------------------------------------------------------------------------------------------------------

  const rows = data.rows.map((r) => {
    const [type, ns, kind, name, api, tier, score, grade, coverage, ready, file, line, bad, unknown, pass, na] = r;
    const row = {type, ns: text(ns), kind: text(kind), name: text(name), api: text(api), tier, score, grade, coverage, ready, file, line, bad, unknown, pass, na};
    row.key = [row.ns, row.kind, row.name].filter((part, at) => part !== '' || at > 0).join('/');
    row.label = type === CLUSTER ? 'Cluster' : row.kind + ' ' + row.name;
    row.small = (row.name + ' ' + row.ns + '/' + row.kind + '/' + row.name + ' ' + (file >= 0 ? data.files[file] : '')).toLowerCase();
    row.failing = [0, 0, 0, 0, 0];
    row.warning = 0;
    row.loss = 0;
    for (const one of bad) {
      if (one[1] === FAIL) {
        row.failing[one[2]]++;
        row.loss += WEIGHTS[one[2]];
      } else if (one[1] === WARN) {
        row.warning++;
        row.loss += WEIGHTS[one[2]] / 2;
      }
    }
    return row;
  });
  const byKey = new Map();
  rows.forEach((row, index) => { row.index = index; byKey.set(row.type + ':' + row.key, row); });

  const checkRows = checks.map((one) => ({check: one, key: one.id, fail: 0, warn: 0, unknown: 0, waived: 0, pass: 0}));
  for (const row of rows) {
    for (const one of row.bad) {
      const entry = checkRows[one[0]];
      if (one[1] === FAIL) entry.fail++;
      else if (one[1] === WARN) entry.warn++;
      else entry.waived++;
    }
    for (let i = 0; i < row.unknown.length; i += 2) checkRows[row.unknown[i]].unknown++;
    for (const index of row.pass) checkRows[index].pass++;
  }
  const checkIndex = new Map(checks.map((one) => [one.id, one.index]));

  // ---- making elements ---------------------------------------------------------------------------------------------------

  function make(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value === undefined || value === false) continue;
      if (name === 'class') element.className = value;
      else if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
      else element.setAttribute(name, value === true ? '' : value);
    }
    for (const child of children) {
      if (child !== null && child !== undefined && child !== '') element.append(child);
    }
    return element;
  }
  const plural = (count, noun) => count.toLocaleString('en') + ' ' + noun + (count === 1 ? '' : 's');

  // ---- state, as it stands behind the page's # ---------------------------------------------------------------------------

  const DEFAULTS = {view: rows.some((row) => row.type === WORKLOAD) ? 'workloads' : 'cluster', q: '', ns: '', tier: '', sev: '', sec: '', verdict: '', sort: 'worst', check: '', at: ''};
  let state = {...DEFAULTS};
  let shown = [];
  let chosen = -1; // index in `shown`

  function readHash() {
    const wanted = {...DEFAULTS};
    const given = new URLSearchParams(location.hash.slice(1));
    for (const key of Object.keys(DEFAULTS)) {
      if (given.has(key)) wanted[key] = given.get(key);
    }
    if (!VIEWS.some(([id]) => id === wanted.view)) wanted.view = DEFAULTS.view;
    return wanted;
  }
  // What stands behind the # is written when the typing pauses: it takes a browser tens of milliseconds, and it allows only so many a second.
  // A step that the back button is to find is written at once, after what is still due.
  let hashDue = null, hashTimer = 0;
  function storeHash(method, hash) {
    clearTimeout(hashTimer);
    hashDue = null;
    if (hash === (location.hash || '#')) return;
    try {
      history[method](null, '', hash);
    } catch {
      // Too many of these a second; the filter itself is in place.
    }
  }
  function writeHash(push) {
    const parts = new URLSearchParams();
    for (const key of Object.keys(DEFAULTS)) {
      if (state[key] !== DEFAULTS[key]) parts.set(key, state[key]);
    }
    const hash = '#' + parts.toString();
    if (push) {
      if (hashDue !== null) storeHash('replaceState', hashDue);
      storeHash('pushState', hash);
    } else {
      clearTimeout(hashTimer);
      hashDue = hash;
      hashTimer = setTimeout(storeHash, 150, 'replaceState', hash);
    }
  }

  // ---- filtering ---------------------------------------------------------------------------------------------------------

  // Everything that a search looks at, in lower case, is one text of a line each: the report's strings, the checks, the rows' own names. One
  // indexOf over it is many times faster than asking every string, and a hit's line gives the rows that show it.
  let searched = null;
  function searchIndex() {
    if (searched !== null) return searched;
    const strings = data.strings.length;
    const lines = data.strings.map((one) => one.toLowerCase());
    for (const one of checks) lines.push((one.id + ' ' + one.title).toLowerCase());
    for (const row of rows) lines.push(row.small);
    const starts = new Uint32Array(lines.length + 1); // of each line in the text
    lines.forEach((line, at) => { starts[at + 1] = starts[at] + line.length + 1; });

    const own = strings + checks.length; // the first line that is a row's own
    const begins = new Uint32Array(lines.length + 1), shownBy = new Uint32Array(rows.reduce((sum, row) => sum + 3 * row.bad.length + 1, 0));
    const each = (visit) => rows.forEach((row, at) => {
      visit(own + at, at);
      for (const one of row.bad) {
        visit(strings + one[0], at);
        if (one[3] >= 0) visit(one[3], at);
        if (one[4] >= 0) visit(one[4], at);
      }
    });
    each((line) => { begins[line + 1]++; });
    for (let line = 0; line < lines.length; line++) begins[line + 1] += begins[line];
    const next = begins.slice();
    each((line, row) => { shownBy[next[line]++] = row; });
    searched = {text: lines.join('\n'), starts, begins, shownBy};
    return searched;
  }
  // Whether every word of the query stands somewhere in a row; null for an empty query.
  function matching(query) {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length === 0) return null;
    const {text: all, starts, begins, shownBy} = searchIndex();
    const hits = new Uint16Array(rows.length); // by row: the words found so far, one after the other
    words.forEach((word, already) => {
      let line = 0;
      for (let at = all.indexOf(word); at >= 0; at = all.indexOf(word, starts[line])) {
        while (starts[line + 1] <= at) line++;
        for (let i = begins[line]; i < begins[line + 1]; i++) {
          if (hits[shownBy[i]] === already) hits[shownBy[i]] = already + 1;
        }
        line++;
      }
    });
    return (row) => hits[row.index] === words.length;
  }

  // Whether a finding is one that the filters of severity, section, verdict and check ask for.
  function findingFilter() {
    const severity = state.sev === '' ? -1 : SEVERITIES.indexOf(state.sev);
    const section = state.sec === '' ? -1 : data.sections.findIndex(([slug]) => slug === state.sec);
    const only = state.check === '' ? -1 : checkIndex.has(state.check) ? checkIndex.get(state.check) : -2;
    const verdict = state.verdict;
    if (severity < 0 && section < 0 && only === -1 && verdict === '') return null;
    return (index, what, level) => {
      if (only !== -1 && index !== only) return false;
      if (section >= 0 && checks[index].section !== section) return false;
      if (severity >= 0 && level < severity) return false;
      if (verdict === '') return what === FAIL || what === WARN;
      if (verdict === 'fail') return what === FAIL;
      if (verdict === 'warn') return what === WARN;
      if (verdict === 'unknown') return what === UNKNOWN;
      return what === WAIVED || what === ATTESTED;
    };
  }
  function hasFinding(row, wanted) {
    for (const one of row.bad) {
      if (wanted(one[0], one[1], one[2])) return true;
    }
    if (state.verdict === 'unknown') {
      for (let i = 0; i < row.unknown.length; i += 2) {
        if (wanted(row.unknown[i], UNKNOWN, checks[row.unknown[i]].severity)) return true;
      }
    }
    return false;
  }

  const byName = (a, b) => a.index - b.index;
  const ORDERS = {
    worst: (a, b) => (a.score < 0 ? 101 : a.score) - (b.score < 0 ? 101 : b.score) || b.loss - a.loss || byName(a, b),
    name: byName,
    failing: (a, b) => b.loss - a.loss || byName(a, b),
    coverage: (a, b) => a.coverage - b.coverage || byName(a, b),
  };

  // Sorted once an order and view: a filter keeps the order of what is left.
  const sorted = new Map();
  function inOrder(view, order) {
    const key = view + ' ' + order;
    if (!sorted.has(key)) sorted.set(key, rows.filter((row) => VIEW_OF[row.type] === view).sort(ORDERS[order] || ORDERS.worst));
    return sorted.get(key);
  }

  function filtered() {
    if (state.view === 'checks') {
      const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
      const severity = SEVERITIES.indexOf(state.sev);
      return checkRows.filter(({check: one}) =>
        one.severity >= severity && (state.sec === '' || data.sections[one.section][0] === state.sec) &&
        words.every((word) => (one.id + ' ' + one.title).toLowerCase().includes(word)))
        .sort((a, b) => state.sort === 'name' ? a.check.index - b.check.index
          : (b.fail + b.warn / 2) * (WEIGHTS[b.check.severity] + .1) - (a.fail + a.warn / 2) * (WEIGHTS[a.check.severity] + .1) || a.check.index - b.check.index);
    }
    const tier = state.tier === '' ? -1 : TIERS.indexOf(state.tier);
    const wanted = findingFilter();
    const matches = matching(state.q);
    return inOrder(state.view, state.sort).filter((row) => {
      if (state.ns !== '' && row.ns !== state.ns && !(row.type === NAMESPACE && row.name === state.ns)) return false;
      if (tier >= 0 && row.type === WORKLOAD && row.tier !== tier) return false;
      if (wanted !== null && !hasFinding(row, wanted)) return false;
      return matches === null || matches(row);
    });
  }

  // ---- the list: only what is in sight is in the document ------------------------------------------------------------------

  const list = byId('list'), sizer = byId('sizer');
  let drawn = new Map(); // index in `shown` -> element

  function gradeOf(row) {
    const grade = make('span', {class: 'grade ' + (row.grade || ''), 'aria-hidden': 'true'}, row.grade || '-');
    return make('span', {class: 'score'}, make('b', {}, row.score < 0 ? '-' : String(row.score)), grade);
  }
  function pills(row) {
    const counts = make('span', {class: 'counts'});
    if (row.failing.every((count, severity) => count === 0 || severity === 0)) {
      counts.append(row.warning !== 0 ? make('span', {class: 'wide quiet'}, plural(row.warning, 'warning')) : make('span', {class: 'pill good wide'}, 'none'));
      return counts;
    }
    for (let severity = 4; severity > 0; severity--) {
      const count = row.failing[severity];
      counts.append(count === 0 ? make('span', {}) : make('span', {class: 'pill ' + SEVERITIES[severity], title: count + ' failing of severity ' + SEVERITIES[severity]}, String(count)));
    }
    return counts;
  }
  function spoken(row) {
    const failing = [4, 3, 2, 1, 0].filter((s) => row.failing[s] !== 0).map((s) => row.failing[s] + ' ' + SEVERITIES[s]);
    return row.label + (row.ns === '' ? '' : ' in ' + row.ns) + ', ' + (row.score < 0 ? 'no score' : 'score ' + row.score + ', grade ' + row.grade) +
      ', failing: ' + (failing.length === 0 ? 'none' : failing.join(', '));
  }
  function drawRow(index) {
    const row = shown[index];
    const attributes = {class: 'row', id: 'row-' + index, role: 'option', 'aria-selected': String(index === chosen), 'aria-posinset': index + 1, 'aria-setsize': shown.length};
    let element;
    if (row.check !== undefined) {
      const one = row.check;
      element = make('div', {...attributes, 'aria-label': one.title + ', ' + SEVERITIES[one.severity] + ', ' + row.fail + ' failing, ' + row.warn + ' warning'},
        make('span', {class: 'pill ' + SEVERITIES[one.severity]}, SEVERITIES[one.severity]),
        make('span', {class: 'name'}, make('b', {}, one.title), make('small', {}, one.id)),
        make('span', {class: 'quiet'}, data.sections[one.section][0]),
        make('span', {class: 'quiet'}, String(row.fail)), make('span', {class: 'quiet'}, String(row.warn)));
    } else {
      element = make('div', {...attributes, 'aria-label': spoken(row)},
        gradeOf(row),
        make('span', {class: 'name'}, make('b', {title: row.name}, row.type === CLUSTER ? 'Cluster' : row.name),
          make('small', {}, row.type === CLUSTER || row.type === NODE ? '' : (row.ns === '' ? row.kind : row.ns + ' / ' + row.kind))),
        make('span', {class: 'quiet'}, row.type === WORKLOAD ? TIERS[row.tier] : ''),
        pills(row),
        make('span', {class: 'quiet'}, row.coverage < 0 ? '' : row.coverage + ' %'));
    }
    element.style.transform = 'translateY(' + index * ROW_HEIGHT + 'px)';
    return element;
  }
  function drawList() {
    const first = Math.max(0, Math.floor(list.scrollTop / ROW_HEIGHT) - 8);
    const last = Math.min(shown.length, Math.ceil((list.scrollTop + list.clientHeight) / ROW_HEIGHT) + 8);
    for (const [index, element] of drawn) {
      if (index >= first && index < last) continue;
      if (index === chosen) continue; // aria-activedescendant names it
      element.remove();
      drawn.delete(index);
    }
    for (let index = first; index < last; index++) {
      if (drawn.has(index)) continue;
      const element = drawRow(index);
      drawn.set(index, element);
      sizer.append(element);
    }
  }
  function clearList() {
    for (const element of drawn.values()) element.remove();
    drawn = new Map();
  }

  function keyOf(row) { return row.check !== undefined ? row.key : (row.type === BUDGET || row.type === NAMESPACE ? row.type + ':' : '') + row.key; }
  function choose(index, push) {
    const before = drawn.get(chosen);
    if (before) before.setAttribute('aria-selected', 'false');
    chosen = index;
    if (index < 0) {
      list.removeAttribute('aria-activedescendant');
      state.at = '';
      return;
    }
    if (!drawn.has(index)) {
      const element = drawRow(index);
      drawn.set(index, element);
      sizer.append(element);
    }
    drawn.get(index).setAttribute('aria-selected', 'true');
    list.setAttribute('aria-activedescendant', 'row-' + index);
    const top = index * ROW_HEIGHT;
    if (top < list.scrollTop) list.scrollTop = top;
    else if (top + ROW_HEIGHT > list.scrollTop + list.clientHeight) list.scrollTop = top + ROW_HEIGHT - list.clientHeight;
    state.at = keyOf(shown[index]);
    showDetail(shown[index]);
    writeHash(push);
  }

  // ---- one subject ---------------------------------------------------------------------------------------------------------

  const detail = byId('detail');
  let overview = null; // what the detail shows while it is the overview, null otherwise
  let toastTimer = 0;
  function toast(message) {
    byId('toast').textContent = message;
    byId('toast').classList.add('shown');
    clearTimeout(toastTimer);
    toastTimer = setTimeout(() => byId('toast').classList.remove('shown'), 1800);
  }
  async function copy(value) {
    try {
      await navigator.clipboard.writeText(value);
    } catch { // a page that was opened from a file may not
      const area = make('textarea', {'aria-hidden': 'true'});
      area.value = value;
      document.body.append(area);
      const focused = document.activeElement;
      area.select();
      const done = document.execCommand('copy');
      area.remove();
      if (focused) focused.focus();
      if (!done) return toast('Could not copy: select the text by hand');
    }
    toast('Copied');
  }
  // For a POSIX shell.
  const quote = (word) => /^[A-Za-z0-9_.\/:-]+$/.test(word) && !word.startsWith('-') ? word : "'" + word.replaceAll("'", "'\\''") + "'";
  function patchCommand(row, patch) {
    const group = row.api.includes('/') ? '.' + row.api.split('/')[0] : '';
    return 'kubectl patch ' + quote(row.kind.toLowerCase() + group) + ' ' + quote(row.name) + (row.ns === '' || row.type === NAMESPACE ? '' : ' -n ' + quote(row.ns)) +
      ' --type strategic -p ' + "'" + patch.replaceAll("'", "'\\''") + "'";
  }
  function place(row, one) {
    const file = one[10] !== undefined && one[10] >= 0 ? one[10] : row.file;
    if (file === undefined || file < 0) return '';
    return data.files[file] + (one[5] ? ':' + one[5] : '');
  }
  function findingElement(row, one) {
    const [index, verdict, severity, message, path, , patch, exemption, until, beneath, , since] = one;
    const about = checks[index];
    const answered = verdict === WAIVED || verdict === ATTESTED;
    const element = make('div', {class: 'finding' + (answered ? '' : ' ' + SEVERITIES[severity] + '-edge')});
    element.append(make('header', {},
      make('span', {class: 'pill ' + (answered ? 'info' : SEVERITIES[severity])}, (answered ? (verdict === WAIVED ? 'waived' : 'attested') : verdict === WARN ? 'warn' : 'fail') + ' · ' + SEVERITIES[severity]),
      make('h4', {}, about.title)));
    if (message) element.append(make('p', {class: 'message'}, text(message)));
    const where = [text(path), place(row, one)].filter(Boolean).join('  ·  ');
    if (where) element.append(make('p', {class: 'path'}, where));
    if (answered) {
      element.append(make('p', {class: 'fix'}, (beneath === FAIL ? 'Fails' : beneath === WARN ? 'Warns' : 'Found: ' + beneath) + ', answered for by ' + text(exemption) + (until ? ' until ' + until : '')));
    } else {
      const fix = make('div', {class: 'fix'}, make('b', {}, 'Fix '), about.fix);
      if (patch) {
        const command = patchCommand(row, text(patch));
        fix.append(make('div', {class: 'command'}, make('pre', {tabindex: '0', 'aria-label': 'Command that mends ' + about.id}, command),
          make('button', {type: 'button', 'aria-label': 'Copy the command that mends ' + about.id, onclick: () => copy(command)}, 'Copy')));
      } else {
        const words = row.label + (row.ns === '' ? '' : ' in ' + row.ns) + ': ' + text(message) + '\nFix (' + about.id + '): ' + about.fix;
        fix.append(make('button', {type: 'button', class: 'copy', 'aria-label': 'Copy what is to do about ' + about.id, onclick: () => copy(words)}, 'Copy'));
      }
      element.append(fix);
    }
    const why = make('details', {}, make('summary', {}, 'Why · ' + about.id), make('p', {}, about.why), make('p', {class: 'quiet'}, about.rule));
    if (since) why.append(make('p', {class: 'quiet'}, 'Since ' + since));
    if (about.source) why.append(make('p', {class: 'quiet'}, 'Source: ' + about.source));
    element.append(why);
    return element;
  }
  function checkButton(index) {
    return make('button', {class: 'link', type: 'button', onclick: () => apply({...DEFAULTS, view: 'checks', at: checks[index].id}, true)}, checks[index].title);
  }
  function folded(title, items) {
    const box = make('details', {}, make('summary', {}, title));
    box.addEventListener('toggle', () => { // a hundred names are made when somebody looks
      if (!box.open || box.querySelector('ul')) return;
      box.append(make('ul', {}, ...items().map((item) => make('li', {}, item))));
    });
    return box;
  }
  function showDetail(row) {
    overview = null;
    detail.replaceChildren();
    document.body.classList.add('opened');
    detail.append(make('button', {type: 'button', class: 'back', onclick: () => { document.body.classList.remove('opened'); list.focus(); }}, 'Back to the list'));
    if (row.check !== undefined) showCheck(row);
    else showSubject(row);
    detail.scrollTop = 0;
  }
  function showSubject(row) {
    detail.append(make('h2', {}, row.type === CLUSTER ? 'Cluster' : row.name));
    const facts = [row.type === CLUSTER ? '' : (row.ns === '' || row.type === NAMESPACE ? row.kind : row.kind + ' in ' + row.ns)];
    if (row.type === WORKLOAD) facts.push('tier ' + TIERS[row.tier], READY[row.ready]);
    facts.push(row.score < 0 ? 'no score' : 'score ' + row.score + ' ' + row.grade);
    if (row.coverage >= 0) facts.push(row.coverage + ' % of the checklist decided');
    if (row.file >= 0) facts.push(data.files[row.file] + (row.line ? ':' + row.line : ''));
    detail.append(make('p', {class: 'facts'}, ...facts.filter(Boolean).map((fact) => make('span', {}, fact))));

    const wanted = findingFilter();
    const order = (a, b) => b[2] - a[2] || a[1] === b[1] && a[0] - b[0] || b[1] - a[1];
    const open = row.bad.filter((one) => one[1] === FAIL || one[1] === WARN).sort(order);
    const asked = wanted === null ? open : open.filter((one) => wanted(one[0], one[1], one[2]));
    const others = wanted === null ? [] : open.filter((one) => !wanted(one[0], one[1], one[2]));
    const section = (title, items) => {
      if (items.length === 0) return;
      detail.append(make('h3', {}, title + ' (' + items.length + ')'));
      for (const one of items) detail.append(findingElement(row, one));
    };
    if (open.length === 0) detail.append(make('h3', {}, 'Nothing fails and nothing warns'));
    section(wanted === null ? 'To mend, gravest first' : 'What the filters ask for', asked);
    section('The rest of what fails or warns', others);
    section('Waived or attested', row.bad.filter((one) => one[1] === WAIVED || one[1] === ATTESTED));

    if (row.unknown.length !== 0) {
      const reasons = new Map();
      for (let i = 0; i < row.unknown.length; i += 2) {
        const reason = text(row.unknown[i + 1]);
        reasons.set(reason, [...(reasons.get(reason) || []), row.unknown[i]]);
      }
      detail.append(make('h3', {}, 'Could not be told (' + row.unknown.length / 2 + ')'));
      for (const [reason, indexes] of reasons) detail.append(folded(reason + ' (' + indexes.length + ')', () => indexes.map(checkButton)));
    }
    if (row.pass.length !== 0 || row.na.length !== 0) detail.append(make('h3', {}, 'The rest'));
    if (row.pass.length !== 0) detail.append(folded('Passed (' + row.pass.length + ')', () => row.pass.map(checkButton)));
    if (row.na.length !== 0) detail.append(folded('Does not apply (' + row.na.length + ')', () => row.na.map(checkButton)));
  }
  // Where mending brings the most, while nothing is chosen.
  function showOverview() {
    const wanted = state.view === 'checks' ? 'checks' : shown.length === 0 ? 'nothing' : 'subjects';
    if (overview === wanted) return;
    overview = wanted;
    detail.replaceChildren();
    detail.append(make('p', {class: 'hint'}, shown.length === 0 ? 'Nothing is left to show.' : 'Choose an entry: a click, or the arrow keys in the list.'));
    const gain = (row) => row.fail * WEIGHTS[row.check.severity];
    const most = checkRows.filter((row) => gain(row) > 0).sort((a, b) => gain(b) - gain(a)).slice(0, 12);
    if (state.view === 'checks' || most.length === 0) return;
    detail.append(make('h3', {}, 'What to mend next: checks that cost the most'), make('ul', {class: 'next'}, ...most.map((row) => make('li', {},
      make('span', {class: 'pill ' + SEVERITIES[row.check.severity]}, SEVERITIES[row.check.severity]), checkButton(row.check.index), make('span', {class: 'quiet'}, row.fail.toLocaleString('en') + ' failing')))));
  }
  function showCheck({check: one, fail, warn, unknown, waived, pass}) {
    detail.append(make('h2', {}, one.title),
      make('p', {class: 'facts'}, make('span', {class: 'pill ' + SEVERITIES[one.severity]}, SEVERITIES[one.severity]), make('span', {}, one.id), make('span', {}, data.sections[one.section][1])),
      make('p', {class: 'facts'}, [[fail, 'failing'], [warn, 'warning'], [waived, 'answered for'], [unknown, 'not told'], [pass, 'passed']].filter(([count]) => count !== 0).map(([count, what]) => count + ' ' + what).join(', ') || 'applies to nothing here'));
    if (fail + warn !== 0) {
      const view = VIEW_OF[(rows.find((row) => row.bad.some((bad) => bad[0] === one.index && bad[1] <= FAIL)) || {type: WORKLOAD}).type];
      detail.append(make('p', {class: 'fix'}, make('button', {type: 'button', onclick: () => apply({...DEFAULTS, view, check: one.id}, true)}, 'Show the ' + (fail + warn) + ' that it is about')));
    }
    for (const [title, value] of [['Fix', one.fix], ['Why', one.why], ['Rule', one.rule], ['Source', one.source]]) {
      if (value) detail.append(make('h3', {}, title), make('p', {}, value));
    }
  }

  // ---- applying a state ------------------------------------------------------------------------------------------------------

  const HEADS = {
    check: ['Severity', 'Check', 'Section', 'Fails', 'Warns'],
    subject: ['Score', 'Name', 'Tier', ['crit', 'high', 'med', 'low'], 'Decided'],
  };
  function syncControls() {
    const set = (id, value) => { if (byId(id).value !== value) byId(id).value = value; };
    for (const id of ['q', 'ns', 'tier', 'sev', 'sec', 'verdict', 'sort']) set(id, state[id]);
    const radio = byId('view-' + state.view);
    if (radio) radio.checked = true;
    const isChecks = state.view === 'checks';
    document.body.classList.toggle('by-check', isChecks);
    for (const id of ['ns', 'tier', 'verdict']) byId(id).disabled = isChecks;
    const head = isChecks ? 'check' : 'subject';
    if (byId('head').dataset.of !== head) byId('head').replaceChildren(...HEADS[head].map((name) => Array.isArray(name) ? make('span', {class: 'counts'}, ...name.map((one) => make('span', {}, one))) : make('span', {}, name)));
    byId('head').dataset.of = head;
    byId('chip').hidden = state.check === '';
    byId('chip').replaceChildren('only ' + state.check + ' ', make('button', {type: 'button', 'aria-label': 'Drop the filter for ' + state.check, onclick: () => update({check: ''})}, '✕'));
    for (const button of byId('sections').querySelectorAll('button')) button.setAttribute('aria-pressed', String(button.dataset.section === state.sec));
  }
  function refresh(push) {
    const wanted = state.at;
    shown = filtered();
    clearList();
    chosen = -1;
    sizer.style.height = shown.length * ROW_HEIGHT + 'px';
    list.scrollTop = 0;
    byId('empty').hidden = shown.length !== 0;
    const total = state.view === 'checks' ? checkRows.length : inOrder(state.view, state.sort).length;
    byId('count').textContent = shown.length === total ? plural(total, 'entry').replace('entrys', 'entries') : shown.length.toLocaleString('en') + ' of ' + total.toLocaleString('en');
    drawList();
    const at = wanted === '' ? -1 : shown.findIndex((row) => keyOf(row) === wanted);
    if (at >= 0) {
      choose(at, push);
    } else {
      choose(-1, push);
      document.body.classList.remove('opened');
      showOverview();
      writeHash(push);
    }
  }
  function apply(next, push) {
    state = next;
    syncControls();
    refresh(push);
  }
  function update(change) { apply({...state, ...change}, false); }

  // ---- building the page -----------------------------------------------------------------------------------------------------

  function options(select, all, values) {
    select.append(new Option(all, ''), ...values.map(([value, label]) => new Option(label, value)));
  }
  function build() {
    const title = [data.live ? 'running operator' : plural(data.files.length, 'file'), data.at, data.generatedBy].filter(Boolean).join(' · ');
    byId('about').textContent = title;
    const totals = [0, 0, 0, 0, 0];
    for (const row of rows) row.failing.forEach((count, severity) => { totals[severity] += count; });
    const fact = (name, value, small, kind) => make('div', {}, make('dt', {}, name), make('dd', {}, kind ? make('span', {class: 'pill ' + kind, style: undefined}, value) : value, small ? make('small', {}, ' ' + small) : ''));
    const cluster = data.cluster;
    byId('totals').append(
      fact('score', cluster.score === null ? '-' : String(cluster.score), cluster.grade || ''),
      fact('decided', cluster.coverage + ' %'),
      fact('workloads', cluster.workloads.toLocaleString('en'), data.live ? cluster.ready.toLocaleString('en') + ' ready' : ''),
      ...[4, 3, 2, 1].map((severity) => fact(SEVERITIES[severity] + ' failing', totals[severity].toLocaleString('en'))));

    const sections = byId('sections');
    data.sections.forEach(([slug, name, score]) => {
      if (score === null) return;
      const meter = make('meter', {min: 0, max: 100, low: 60, high: 80, optimum: 100, 'aria-hidden': 'true'});
      meter.value = score;
      sections.append(make('button', {type: 'button', 'aria-pressed': 'false', 'data-section': slug, title: name, onclick: () => update({sec: state.sec === slug ? '' : slug})},
        make('span', {class: 'what'}, slug), make('b', {}, String(score)), meter));
    });
    sections.hidden = sections.firstChild === null;

    if (data.errors.length !== 0) {
      byId('errors').hidden = false;
      byId('errors').append(make('b', {}, plural(data.errors.length, 'file').replace(/ files?/, data.errors.length === 1 ? ' error: this report is not whole' : ' errors: this report is not whole')),
        ...data.errors.slice(0, 50).map(([file, line, message]) => make('p', {}, (file ? file + (line ? ':' + line : '') + ': ' : '') + message)));
    }

    for (const [id, name] of VIEWS) {
      const count = id === 'checks' ? checkRows.length : rows.filter((row) => VIEW_OF[row.type] === id).length;
      if (count === 0) continue;
      byId('views').append(make('label', {}, make('input', {type: 'radio', name: 'view', id: 'view-' + id, value: id, onchange: () => update({...DEFAULTS, view: id, q: state.q, ns: state.ns})}),
        name, id === 'cluster' ? '' : make('span', {}, ' ' + count.toLocaleString('en'))));
    }

    const namespaces = [...new Set(rows.map((row) => row.type === NAMESPACE ? row.name : row.ns))].filter(Boolean).sort();
    options(byId('ns'), 'all', namespaces.map((name) => [name, name]));
    options(byId('tier'), 'all', TIERS.map((name) => [name, name]));
    options(byId('sev'), 'any', [...SEVERITIES].reverse().map((name) => [name, name === 'critical' ? name : name + ' or above']));
    options(byId('sec'), 'all', data.sections.filter((_, index) => checks.some((one) => one.section === index)).map(([slug, name]) => [slug, name]));
    options(byId('verdict'), 'fail or warn', [['fail', 'fail'], ['warn', 'warn'], ['unknown', 'could not be told'], ['answered', 'waived or attested']]);
    byId('sort').append(new Option('worst first', 'worst'), new Option('by name', 'name'), new Option('most to mend', 'failing'), new Option('least decided', 'coverage'));

    for (const id of ['ns', 'tier', 'sev', 'sec', 'verdict', 'sort']) byId(id).addEventListener('change', () => update({[id]: byId(id).value}));
    byId('q').addEventListener('input', () => update({q: byId('q').value}));
    byId('filters').addEventListener('submit', (event) => event.preventDefault());
    byId('filters').addEventListener('reset', (event) => { event.preventDefault(); apply({...DEFAULTS, view: state.view}, false); });

    let pending = false;
    list.addEventListener('scroll', () => {
      if (pending) return;
      pending = true;
      requestAnimationFrame(() => { pending = false; drawList(); });
    }, {passive: true});
    new ResizeObserver(drawList).observe(list);
    list.addEventListener('click', (event) => {
      const row = event.target.closest('.row');
      if (row) choose(Number(row.id.slice(4)), true);
    });
    list.addEventListener('keydown', (event) => {
      if (shown.length === 0 || event.ctrlKey || event.metaKey || event.altKey) return;
      const page = Math.max(1, Math.floor(list.clientHeight / ROW_HEIGHT) - 1);
      const moves = {ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -shown.length, End: shown.length};
      if (event.key === 'Enter') {
        if (chosen >= 0) { document.body.classList.add('opened'); detail.focus(); }
      } else if (event.key in moves) {
        choose(Math.min(shown.length - 1, Math.max(0, chosen < 0 ? (event.key === 'End' ? shown.length - 1 : 0) : chosen + moves[event.key])), false);
        if (matchMedia('(max-width: 860px)').matches) document.body.classList.remove('opened'); // the list stays in sight until Enter
      } else {
        return;
      }
      event.preventDefault();
    });
    document.addEventListener('keydown', (event) => {
      if (event.key === '/' && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) {
        event.preventDefault();
        byId('q').focus();
      } else if (event.key === 'Escape' && detail.contains(document.activeElement)) {
        document.body.classList.remove('opened');
        list.focus();
      }
    });
    addEventListener('hashchange', () => apply(readHash(), false));
  }

  build();
  apply(readHash(), false);
  document.documentElement.dataset.ready = 'true';
  setTimeout(searchIndex, 200); // before somebody has typed the first letter
}
